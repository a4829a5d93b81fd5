import { StoreError, type Expectation } from './contract.ts'

/** @throws StoreError `unexpected` when the record is not as it is expected to be; one that is not there never is. */
export function refuseUnexpected<Stored>(
  stored: Stored | undefined,
  isExpected: Expectation<Stored> | undefined,
): void {
  if (isExpected === undefined || (stored !== undefined && isExpected(stored))) return
  throw new StoreError('unexpected', 'What is to be changed is not as it is expected to be.')
}
