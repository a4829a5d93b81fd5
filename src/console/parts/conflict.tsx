import type { VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import {
  mergeDrafts,
  rivalsOf,
  type Draft,
  type NamedField,
  type Rival,
  type Versions,
} from '../words/merge.ts'
import { Button } from './button.tsx'
import { Table, type Column } from './table.tsx'
import { UserText } from './user-text.tsx'

interface ConflictProps<Name extends string> extends Versions<Name> {
  /** What was changed: token, key or webhook. */
  readonly what: string
  /** Who did it. */
  readonly who: string | null
  /** Of the form. */
  readonly fields: readonly NamedField<Name>[]
  /** With what to go on over theirs. */
  readonly onChosen: (draft: Draft<Name>) => void
}

/** Says what somebody else changed meanwhile, and lets one choose. Nothing is lost and nothing is sent. */
export function Conflict<Name extends string>(props: ConflictProps<Name>): VNode {
  const { what, who, fields, onChosen } = props
  const section = useRef<HTMLElement>(null)
  // The form is longer than the window.
  useEffect(() => section.current?.scrollIntoView({ block: 'center' }), [])
  const rivals: readonly Rival[] = rivalsOf(fields, props)
  const choose = (preferTheirs: boolean): void => onChosen(mergeDrafts(fields, props, { preferTheirs }))
  const isDisputed = rivals.some((rival) => rival.isDisputed)
  return (
    <section ref={section} class="card conflict" role="alert" aria-label="Changed meanwhile">
      <p>
        Somebody else changed this {what} since you opened it: <UserText text={who ?? 'unknown'} />. Nothing
        of yours was saved yet, and nothing you typed is lost.
      </p>
      {rivals.length === 0 ? (
        <p>None of the fields here is another one now.</p>
      ) : (
        <Table
          caption="What somebody else changed"
          columns={COLUMNS}
          rows={rivals}
          keyOf={({ field }) => field.name}
        />
      )}
      <div class="row">
        <Button kind="primary" onClick={() => choose(false)}>
          {isDisputed ? 'Go on with mine' : 'Take it over and go on'}
        </Button>
        {isDisputed ? <Button onClick={() => choose(true)}>Go on with theirs</Button> : null}
      </div>
      <p class="hint">Either takes their other changes over. Then save.</p>
    </section>
  )
}

const COLUMNS: readonly Column<Rival>[] = [
  { title: 'Field', cell: ({ field }) => field.label },
  { title: 'Was', cell: ({ before }) => <Value text={before} /> },
  { title: 'Theirs', cell: ({ theirs }) => <Value text={theirs} /> },
  {
    title: 'Yours',
    cell: ({ mine, before }) =>
      mine === before ? <span class="muted">not changed</span> : <Value text={mine} />,
  },
]

function Value({ text }: { readonly text: string | null }): VNode {
  if (text === null || text === '') return <span class="muted">nothing</span>
  return <UserText text={text} class="clip-lines" />
}
