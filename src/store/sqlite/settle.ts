import { conclude, isSpent, type Ledger } from '../../policy/ledger.ts'
import type { Settleable } from '../contract.ts'
import { later, saturate } from './counters.ts'
import { isListed } from './reservation-id.ts'
import type { UsageRows } from './usage-rows.ts'

/**
 * Corrects a reservation to what was sent, once, and tells how many downloads were given back; one that was settled at once must not come
 * twice. Belongs inside a transaction.
 */
export function settle(rows: UsageRows, reservation: Settleable, sentBytes: number, now: number): number {
  const { token, client, epoch, id, reservedBytes } = reservation
  // First of all, because a place is held across resets.
  const underway = isListed(id) ? rows.takeUnderway(token, id) : undefined
  const usage = rows.usage(token)
  if (usage.epoch !== epoch) return 0
  const refund = underway?.holdsPlace === false ? 0 : endOf(rows, reservation, sentBytes, now)
  if (refund === undefined) return 0
  const isForgotten = refund > 0 && rows.subtractClient(token, epoch, client, refund)
  rows.saveUsage(token, usage, {
    ...usage,
    downloads: saturate(usage.downloads - refund),
    clients: saturate(usage.clients - Number(isForgotten)),
    bytes: saturate(usage.bytes + sentBytes - reservedBytes),
    lastUsedAt: later(usage.lastUsedAt, now),
  })
  return refund
}

/** Downloads to be given back; undefined when the delivery was settled before, or its record is gone. */
function endOf(rows: UsageRows, reservation: Settleable, sentBytes: number, now: number): number | undefined {
  const { token, client, artifact, epoch, id, isSettled, charged } = reservation
  // It left nothing else.
  if (isSettled) return charged ?? 0
  const before = rows.ledger(token, client, artifact, epoch)
  const after = before && conclude(before, id, sentBytes)
  if (after === undefined || after.ledger === before) return undefined
  keepLedger(rows, reservation, after.ledger, now)
  return after.refund
}

function keepLedger(
  rows: UsageRows,
  { token, client, artifact, epoch }: Settleable,
  ledger: Ledger,
  now: number,
): void {
  if (isSpent(ledger, now)) rows.deleteLedger(token, client, artifact)
  else rows.saveLedger(token, client, artifact, epoch, ledger, now)
}
