import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { fieldInstant } from '../../words/instants.ts'
import { EVENT_CHOICES, type AuditPlace, type AuditQuery } from './audit-query.ts'

interface AuditFiltersProps {
  readonly asked: AuditQuery
  readonly places: readonly AuditPlace[]
  readonly problemOf: (field: string) => string | undefined
  readonly onChange: (change: Partial<AuditQuery>) => void
}

/** What is looked for. A choice takes effect at once, what is typed when it is sent. */
export function AuditFilters({ asked, places, problemOf, onChange }: AuditFiltersProps): VNode {
  const { actor, object, since, until } = asked
  const [typed, setTyped] = useState({
    actor,
    object,
    since: fieldInstant(since),
    until: fieldInstant(until),
  })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    onChange({ ...typed, actor: typed.actor.trim(), object: typed.object.trim() })
  }
  const bind = (field: keyof typeof typed) => ({
    value: typed[field],
    problem: problemOf(field),
    onInput: (value: string) => setTyped((old) => ({ ...old, [field]: value })),
  })
  return (
    <form role="search" aria-label="Changes" class="stack" onSubmit={submit} noValidate>
      <div class="filter-fields">
        <Choice
          label="Where"
          value={asked.place}
          options={places}
          onChange={(place) => onChange({ ...typed, place })}
        />
        <Choice
          label="What happened"
          value={asked.event}
          options={EVENT_CHOICES}
          onChange={(event) => onChange({ ...typed, event })}
        />
        <TextField label="By the key" placeholder="Name or id" {...bind('actor')} />
        <TextField label="About" placeholder="Id of a token, key or webhook" {...bind('object')} />
        <TextField label="From (UTC)" type="datetime-local" {...bind('since')} />
        <TextField label="Before (UTC)" type="datetime-local" {...bind('until')} />
      </div>
      <div class="row">
        <Button type="submit" kind="primary">
          Search
        </Button>
        <Button onClick={() => onChange({ event: '', actor: '', object: '', since: '', until: '' })}>
          Show all
        </Button>
      </div>
    </form>
  )
}
