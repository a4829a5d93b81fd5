import { StoreError } from '../contract.ts'

/** Lets only `StoreError`s out of the methods of a part of the store. */
export function guarded<Part extends object>(part: Part): Part {
  const wrapped = Object.entries(part).map(([name, method]) => [
    name,
    name === 'watch' ? method : guard(method),
  ])
  return Object.fromEntries(wrapped) as Part
}

function guard<Arguments extends unknown[], Result>(method: (...values: Arguments) => Promise<Result>) {
  return (...values: Arguments): Promise<Result> =>
    method(...values).catch((error: unknown) => {
      throw asStoreError(error)
    })
}

/** A `StoreError` for whatever SQLite complains of. */
export function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreError('unavailable', `The database can't be read: ${reason}`, { cause: error })
}
