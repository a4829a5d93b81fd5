import { conclude, type Ledger } from '../policy/ledger.ts'

/**
 * The ledger as if all that is under way had arrived in full. Who reads a copy of it does not know how those deliveries ended: had they been
 * cut, what is charged for them would be dearer than it had to be; taken for cut, a copy that arrived would be had twice.
 */
export function settledLedger(ledger: Ledger): Ledger {
  return ledger.underway.reduce((each, { id, start, end }) => {
    // Of an unknown size anything is a copy.
    const sent = Math.max(ledger.size === null ? 1 : 0, end - start)
    return conclude(each, id, sent).ledger
  }, ledger)
}
