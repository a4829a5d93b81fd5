import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { PlaceChoice } from '../../parts/place-choice.tsx'
import type { TokenPlace } from '../../words/places.ts'
import { STATE_FILTERS } from '../../words/token-query.ts'
import { SORTS, type ListQuery } from './list-query.ts'

interface FiltersProps {
  readonly asked: ListQuery
  readonly places: readonly TokenPlace[]
  /** What is wrong with the search. */
  readonly problem: string | undefined
  readonly onChange: (change: Partial<ListQuery>) => void
}

/** What is looked for, and where. A choice takes effect at once, words when they are sent. */
export function Filters({ asked, places, problem, onChange }: FiltersProps): VNode {
  const [typed, setTyped] = useState(asked.typed)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    onChange({ typed: typed.trim() })
  }
  return (
    <form class="filters" role="search" aria-label="Tokens" onSubmit={submit}>
      <div class="filters-search">
        <TextField
          label="Search"
          type="search"
          value={typed}
          onInput={setTyped}
          problem={problem}
          placeholder="Name, id or metadata.customer:4711"
        />
        <Button type="submit" kind="primary">
          Search
        </Button>
      </div>
      <PlaceChoice
        label="Repository"
        place={asked.place}
        places={places}
        onChange={(place) => onChange({ place, typed })}
      />
      <Choice
        label="State"
        value={asked.state}
        options={[['', 'Any'], ...STATE_FILTERS]}
        onChange={(state) => onChange({ state, typed })}
      />
      <Choice
        label="Sorted by"
        value={asked.sort}
        options={
          SORTS.some(([value]) => value === asked.sort) ? SORTS : [...SORTS, [asked.sort, 'As chosen']]
        }
        onChange={(sort) => onChange({ sort, typed })}
      />
      <SearchHelp onTry={(example) => onChange({ typed: example })} />
    </form>
  )
}

const EXAMPLES: readonly (readonly [search: string, meaning: string])[] = [
  ['example ltd', 'both words are in the name'],
  ['name:^example', 'the name begins so'],
  ['metadata.customer:4711', 'the metadata say so'],
  ['expires:<+30d', 'ends within thirty days, or has ended'],
  ['last_used:none', 'was never used'],
  ['downloads:>=1000 NOT state:used_up', 'was used so much, and works'],
]

function SearchHelp({ onTry }: { readonly onTry: (example: string) => void }): VNode {
  return (
    <details class="search-help">
      <summary>How to search</summary>
      <p class="hint">
        Words look for names and ids. Terms narrow more; AND, OR, NOT and parentheses join them. Choose one to
        try it.
      </p>
      <ul>
        {EXAMPLES.map(([example, meaning]) => (
          <li key={example}>
            <button type="button" class="example" onClick={() => onTry(example)}>
              <code>{example}</code>
            </button>{' '}
            {meaning}
          </li>
        ))}
      </ul>
    </details>
  )
}
