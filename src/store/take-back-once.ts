import type { Settleable, UsageStore } from './contract.ts'

/** Lets each reservation that was settled as it was charged be taken back once: no record of it tells the second time from the first. */
export function takeBackOnce(settle: UsageStore['settle']): UsageStore['settle'] {
  const takenBack = new WeakSet<Settleable>()
  return async (reservation, sentBytes, now) => {
    if (reservation.isSettled !== true) return settle(reservation, sentBytes, now)
    if (sentBytes > 0 || takenBack.has(reservation)) return 0
    takenBack.add(reservation)
    try {
      return await settle(reservation, sentBytes, now)
    } catch (error) {
      takenBack.delete(reservation)
      throw error
    }
  }
}
