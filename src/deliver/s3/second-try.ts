import { setTimeout as pause } from 'node:timers/promises'
import type { Refusal } from '../../policy/refusal.ts'
import type { WireAnswer } from '../ask-wire.ts'
import { isAtWork } from '../away.ts'
import { createParty } from '../cache/party.ts'
import type { DeliveryOrder } from '../contract.ts'
import type { Reason } from './reason.ts'

export interface SecondTryOptions {
  /** Longest time from the first question to an answer, the second one included. */
  readonly patienceMs: number
  /** Another storage has the same files, and is asked at once where this one is not at work (502, 503, 504). */
  readonly hasOthers: boolean
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
  /** From 0 to below 1. */
  readonly random: () => number
}

/** What a question may lead to. */
export type Told = WireAnswer | Refusal | Reason

/** A question that was answered with a reason, and what asks it again. */
export interface FirstTry {
  readonly reason: Reason
  /** When it was asked, by the same clock. */
  readonly at: number
  readonly onGone: DeliveryOrder['onGone']
  readonly again: (onGone: DeliveryOrder['onGone']) => Promise<Told>
}

/** Asks once more where that can help; gives the reason of the first try where it can't, or where no answer came in time. */
export type SecondTry = (first: FirstTry) => Promise<Told>

/** A client waits for it. Not the same for all, so that those who were refused together do not come back together. */
const LEAST_PAUSE_MS = 200
const MOST_PAUSE_MS = 600
/** At once. A bucket that fails everybody is not asked twice as often for it: the others are refused, and come again by themselves. */
const MOST_WAITING = 50

/**
 * S3 answers some requests in a crowd with failures that pass by themselves, and expects of its clients that they ask again after a pause
 * (Amazon S3 User Guide, "Amazon S3 error best practices"); what limits that is what its own clients call a retry quota.
 */
export function createSecondTry({ patienceMs, hasOthers, monotonic, random }: SecondTryOptions): SecondTry {
  let waiting = 0
  return async ({ reason, at, onGone, again }) => {
    const pauseMs = LEAST_PAUSE_MS + random() * (MOST_PAUSE_MS - LEAST_PAUSE_MS)
    const leftMs = at + patienceMs - monotonic() - pauseMs
    const isOthers = hasOthers && !isAtWork(reason.status)
    if (!reason.passes || isOthers || leftMs <= 0 || waiting >= MOST_WAITING) return reason
    waiting += 1
    await pause(pauseMs)
    waiting -= 1
    const { told, isLate } = await within(leftMs, onGone, again)
    return isLate ? reason : told
  }
}

/** After so long, what was asked is let go of as if the client had gone. */
async function within(
  mostMs: number,
  onGone: DeliveryOrder['onGone'],
  ask: FirstTry['again'],
): Promise<{ readonly told: Told; readonly isLate: boolean }> {
  const party = createParty()
  const leave = party.join(onGone)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    leave()
  }, mostMs)
  const told = await ask(party.onGone).finally(() => clearTimeout(timer))
  return { told, isLate }
}
