import { StoreError, type Expectation, type StoredToken } from './contract.ts'

/** @throws StoreError `unexpected` when the token is not as it is expected to be; one that is not there never is. */
export function refuseUnexpected(token: StoredToken | undefined, isExpected: Expectation | undefined): void {
  if (isExpected === undefined || (token !== undefined && isExpected(token))) return
  throw new StoreError('unexpected', 'The token is not as it is expected to be.')
}
