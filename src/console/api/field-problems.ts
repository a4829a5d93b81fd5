import { ApiError } from './errors.ts'
import type { Loaded } from './use-load.ts'

interface Split<Value> {
  /** What is wrong with a field of the request. */
  readonly problemOf: (field: string) => string | undefined
  /** What is left to say of it: of a request that was wrong there is nothing to show. */
  readonly rest: Loaded<Value>
}

/** Takes what is wrong with `fields`, which have their controls, out of what could not be loaded: it is said there. */
export function splitFieldProblems<Value>(loaded: Loaded<Value>, fields: readonly string[]): Split<Value> {
  const found = loaded.error instanceof ApiError ? loaded.error.fields : {}
  const names = Object.keys(found)
  const isAllSaid = names.length > 0 && names.every((name) => fields.includes(name))
  return {
    problemOf: (field) => found[field]?.join(' '),
    rest: isAllSaid ? { ...loaded, error: undefined, value: undefined } : loaded,
  }
}
