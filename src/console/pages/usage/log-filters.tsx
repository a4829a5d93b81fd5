import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
import { fieldInstant } from '../../words/instants.ts'
import type { LogQuery } from './log-query.ts'

interface LogFiltersProps {
  readonly asked: LogQuery
  readonly problemOf: (field: string) => string | undefined
  readonly onChange: (change: Partial<LogQuery>) => void
}

/** Nothing is looked for; its names are those of the fields. */
export const NOTHING = { start: '', finish: '', token: '', package: '', version: '', client: '' }

/** Which downloads are shown and exported. */
export function LogFilters({ asked, problemOf, onChange }: LogFiltersProps): VNode {
  const { cursor: _, start, finish, ...filters } = asked
  const [typed, setTyped] = useState({
    ...filters,
    start: fieldInstant(start),
    finish: fieldInstant(finish),
  })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    onChange(typed)
  }
  const bind = (field: keyof typeof typed) => ({
    value: typed[field],
    problem: problemOf(field),
    onInput: (value: string) => setTyped((old) => ({ ...old, [field]: value.trim() })),
  })
  return (
    <form role="search" aria-label="Downloads" class="stack" onSubmit={submit} noValidate>
      <div class="filter-fields">
        <TextField label="From (UTC)" type="datetime-local" {...bind('start')} />
        <TextField label="Until (UTC)" type="datetime-local" {...bind('finish')} />
        <TextField label="Token" placeholder="Its id" {...bind('token')} />
        <TextField label="Package" placeholder="Its whole name" {...bind('package')} />
        <TextField label="Version" {...bind('version')} />
        <TextField label="Client" placeholder="203.0.113.7" {...bind('client')} />
      </div>
      <div class="row">
        <Button type="submit" kind="primary">
          Search
        </Button>
        <Button onClick={() => onChange(NOTHING)}>Show all</Button>
      </div>
    </form>
  )
}
