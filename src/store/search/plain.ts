import { StoreError, type TokenQuery } from '../contract.ts'

/** True for what is listed also while searches are not ready: see TokenStore. */
export function isPlain({ repos, filter, order }: TokenQuery): boolean {
  return repos.length === 1 && order === 'name' && (filter === null || filter.kind === 'active')
}

export function notReady(): StoreError {
  const message =
    'Searches are not ready: after an update, what they need is being made. Until then the tokens of one repository are listed by name.'
  return new StoreError('not_ready', message)
}
