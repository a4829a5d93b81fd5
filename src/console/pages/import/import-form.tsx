import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/field.tsx'
import { FileField } from '../../parts/file-field.tsx'
import { PlaceChoice } from '../../parts/place-choice.tsx'
import { Section } from '../../parts/section.tsx'
import { TextArea } from '../../parts/text-area.tsx'
import type { TokenPlace } from '../../words/places.ts'

/** What is to be imported, and how. */
export interface Wanted {
  readonly place: TokenPlace
  readonly action: string
  readonly match: string
  /** A media type. */
  readonly type: string
  readonly content: string | Blob
}

const ACTIONS: readonly (readonly [value: string, title: string])[] = [
  ['upsert', 'Make what is new, change what is there'],
  ['create', 'Only make new ones'],
  ['ensure', 'Make what is missing, leave the rest'],
  ['update', 'Only change what is there'],
  ['enable', 'Switch on'],
  ['disable', 'Switch off'],
]

const MATCHES: readonly (readonly [value: string, title: string])[] = [
  ['name', 'Its name'],
  ['secret', 'Its secret'],
]

const MOST_BYTES = 10 * 1024 * 1024

interface ImportFormProps {
  readonly places: readonly TokenPlace[]
  readonly first: TokenPlace
  readonly isBusy: boolean
  readonly onLook: (wanted: Wanted) => void
  /** Something is wanted that was not looked at yet. */
  readonly onChange: () => void
}

/** Takes a file of tokens, or rows that are pasted. */
export function ImportForm({ places, first, isBusy, onLook, onChange }: ImportFormProps): VNode {
  const [how, setHow] = useState<How>({ place: first, action: 'upsert', match: 'name' })
  const [file, setFile] = useState<File>()
  const [pasted, setPasted] = useState('')
  const [problem, setProblem] = useState<string>()
  const changed = (change: () => void): void => {
    change()
    setProblem(undefined)
    onChange()
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (file === undefined && pasted.trim() === '') return setProblem('Choose a file, or paste rows.')
    if ((file?.size ?? 0) > MOST_BYTES)
      return setProblem('At most 10 MB go in at once. Send the file in parts.')
    onLook({ ...how, content: file ?? pasted, type: typeOf(file?.name, pasted) })
  }
  return (
    <form onSubmit={submit} noValidate>
      <Section title="What and where">
        <div class="fields">
          <HowFields places={places} how={how} onChange={(next) => changed(() => setHow(next))} />
          <FileField
            label="File of CSV or JSON"
            accept=".csv,.json,.jsonl,.ndjson"
            problem={problem}
            hint="The first line of CSV names the columns: name,limit_num_downloads,limit_date_range_to…"
            onChoose={(chosen) => changed(() => setFile(chosen))}
          />
        </div>
        {file === undefined ? (
          <TextArea
            label="Or rows, pasted"
            rows={5}
            value={pasted}
            placeholder={'name,limit_num_downloads\nExample Ltd,1000'}
            onInput={(text) => changed(() => setPasted(text))}
          />
        ) : null}
        <div class="row">
          <Button kind="primary" type="submit" isBusy={isBusy}>
            See what would happen
          </Button>
        </div>
      </Section>
    </form>
  )
}

type How = Pick<Wanted, 'place' | 'action' | 'match'>

interface HowFieldsProps {
  readonly places: readonly TokenPlace[]
  readonly how: How
  readonly onChange: (how: How) => void
}

function HowFields({ places, how, onChange }: HowFieldsProps): VNode {
  return (
    <>
      <PlaceChoice
        label="Into"
        place={how.place}
        places={places}
        onChange={(place) => onChange({ ...how, place })}
      />
      <Choice
        label="Rows without an action of their own"
        value={how.action}
        options={ACTIONS}
        onChange={(action) => onChange({ ...how, action })}
      />
      <Choice
        label="A token is known by"
        value={how.match}
        options={MATCHES}
        hint="A column slug_perm comes first."
        onChange={(match) => onChange({ ...how, match })}
      />
    </>
  )
}

/** By the end of the file's name; what is pasted by how it begins. */
function typeOf(name: string | undefined, pasted: string): string {
  if (name === undefined && pasted.trim().startsWith('[')) return 'application/json'
  if (name === undefined && pasted.trim().startsWith('{')) return 'application/x-ndjson'
  if (/\.json$/i.test(name ?? '')) return 'application/json'
  return /\.(?:jsonl|ndjson)$/i.test(name ?? '') ? 'application/x-ndjson' : 'text/csv'
}
