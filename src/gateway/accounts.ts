import type { Refusal } from '../policy/refusal.ts'
import type { Token } from '../policy/types.ts'
import { awaitsFirstDownload } from '../policy/window.ts'
import type { Reservation, TokenStore, UsageStore } from '../store/contract.ts'
import type { StandIn } from '../store/journal/stand-in.ts'
import type { UsageBuffer } from '../store/usage-buffer.ts'
import { createChargeRequest, type Delivering } from './charge-request.ts'
import { exhausted } from './exhausted.ts'
import { createRateHolds } from './rate-holds.ts'
import type { SecretUses } from './secret-uses.ts'
import type { UsageNotices } from './usage-notices.ts'

/** What an answer was charged. */
export interface Account {
  readonly charged: number
  /** Body bytes that may be sent; more were not paid for. */
  readonly mostBytes: number
  /** The token's counters after the charge, where the store was asked. */
  readonly counters: Pick<Reservation, 'downloads' | 'bytes'> | undefined
  /** By which any process can settle it; undefined: only this one can, or nothing is left to settle. */
  readonly reservation?: Reservation
  /**
   * Corrects the charge to the body bytes that were sent. To be called once, whatever happened to the delivery. Resolves when that is written,
   * or given up because the store does not answer.
   */
  readonly settle: (sentBytes: number) => Promise<void> | undefined
}

export interface Accounts {
  /**
   * The refusal of a token that asked too often a moment ago: until its next request fits, this process says so without asking storage or
   * store, so that a flood costs nothing.
   */
  readonly holdBack: (token: Token) => Refusal | undefined
  /** Charges an answer, or says which limit is used up; a refused one changed nothing. Rejects with a StoreError. */
  readonly charge: (delivering: Delivering) => Promise<Account | Refusal>
  /** Resolves when every settlement has been written, or given up because the store does not answer. */
  readonly drain: () => Promise<void>
}

export interface AccountsOptions {
  readonly usage: Pick<UsageStore, 'reserve' | 'settle'>
  /** What goes on without the store, for the repositories that do. */
  readonly standIn?: Pick<StandIn, 'reserve' | 'settle'> | undefined
  readonly tokens: Pick<TokenStore, 'noteFirstDownload'>
  readonly buffer: UsageBuffer
  readonly secretUses: SecretUses
  /** Is told of each charge. */
  readonly notices?: Pick<UsageNotices, 'note'>
  /** Epoch ms. */
  readonly clock: () => number
  /** Waits so many ms between attempts to write a settlement. */
  readonly retryMs: readonly number[]
  readonly pause: (ms: number) => Promise<void>
  /** Told of downloads that were charged at `at` for this delivery, or one beside it of the same file, and are given back. */
  readonly onGivenBack: (delivering: Delivering, downloads: number, at: number) => void
  readonly onFailure: (error: unknown) => void
}

/**
 * A token with a limit is charged in the store before its first byte, with one call for each answer; any other is counted in memory. The
 * first download of a token whose window begins with it is on record before it begins.
 */
export function createAccounts(options: AccountsOptions): Accounts {
  const { buffer, secretUses, clock } = options
  const holds = createRateHolds()
  const settlements = createSettlements(options)

  const charge = async (delivering: Delivering): Promise<Account | Refusal> => {
    const now = clock()
    let isCharged = false
    const giveBack = (downloads: number): void => {
      // Nobody heard of a charge that came to nothing.
      if (isCharged && downloads > 0) options.onGivenBack(delivering, downloads, now)
    }
    const account = await chargeSomewhere(delivering, now, giveBack)
    if ('ok' in account) return account
    secretUses.note(delivering.token, now)
    if (account.charged > 0) await beginWindow(options, delivering.token, account, now)
    isCharged = true
    return account
  }
  const chargeSomewhere = async (
    delivering: Delivering,
    now: number,
    giveBack: GiveBack,
  ): Promise<Account | Refusal> => {
    const request = createChargeRequest(delivering, now)
    if (request === undefined) return countInMemory(options, delivering, now, giveBack)
    const answer = await usageFor(options, delivering).reserve(request)
    if (!answer.granted) {
      holds.note(delivering.token, answer, now)
      return exhausted(answer, delivering.token)
    }
    options.notices?.note(delivering.token, answer, request.size !== null, now)
    return {
      charged: answer.charged,
      mostBytes: delivering.token.limits.limitBytes === null ? Infinity : answer.reservedBytes,
      // Those of a process alone are a guess.
      counters: 'book' in answer ? undefined : answer,
      ...('book' in answer || delivering.kind === 'bodiless' ? {} : { reservation: answer }),
      settle:
        delivering.kind === 'bodiless' ? nothing : (bytes) => settlements.settle(answer, bytes, giveBack),
    }
  }
  return {
    holdBack: (token) => holds.judge(token, clock()),
    charge,
    drain: async () => {
      await settlements.drain()
      await buffer.flush()
      await secretUses.flush()
    },
  }
}

function usageFor(
  { usage, standIn }: AccountsOptions,
  { servesCached }: Delivering,
): Pick<StandIn, 'reserve'> {
  return standIn !== undefined && servesCached === true ? standIn : usage
}

type GiveBack = (downloads: number) => void

function countInMemory(
  { buffer, clock }: AccountsOptions,
  delivering: Delivering,
  now: number,
  giveBack: GiveBack,
): Account {
  const { token, owner, repo, artifact, client, kind, extent } = delivering
  const key = { token: token.record.slugPerm, periodStart: token.periodStart(now) }
  const unlimited = { mostBytes: Infinity, counters: undefined }
  if (kind !== 'download') {
    const settle = (bytes: number): undefined => {
      // Counted where it began: when that period is over by now, the store passes it over.
      if (bytes > 0) buffer.addBytes(key, bytes, now)
    }
    return { charged: 0, ...unlimited, settle }
  }
  const download = { ...key, client, artifact: `${owner}/${repo}/${artifact.path}` }
  const { charged, settle } = buffer.download(download, { ...extent, now })
  return {
    charged,
    ...unlimited,
    settle: (sentBytes) => {
      giveBack(settle(sentBytes, clock()))
      return undefined
    },
  }
}

/** When the beginning can't be written, nothing is delivered and nothing is charged. */
async function beginWindow(
  { tokens }: AccountsOptions,
  { record }: Token,
  account: Account,
  now: number,
): Promise<void> {
  if (!awaitsFirstDownload(record)) return
  try {
    await tokens.noteFirstDownload(record.owner, record.repo, record.slugPerm, now)
  } catch (error) {
    void account.settle(0)
    throw error
  }
}

const nothing = (): undefined => undefined

interface Settlements {
  readonly settle: (
    reservation: Reservation,
    sentBytes: number,
    giveBack: GiveBack,
  ) => Promise<void> | undefined
  readonly drain: () => Promise<void>
}

function createSettlements(options: AccountsOptions): Settlements {
  const settling = new Set<Promise<void>>()
  return {
    settle: (reservation, sentBytes, giveBack) => {
      if (reservation.isSettled && sentBytes >= reservation.reservedBytes) return undefined
      const attempt = settleWithRetries(options, reservation, sentBytes, giveBack)
      settling.add(attempt)
      void attempt.finally(() => settling.delete(attempt))
      return attempt
    },
    drain: async () => {
      while (settling.size > 0) await Promise.all(settling)
    },
  }
}

/** A settlement that is not written leaves its delivery under way in the books, where it stands in the customer's way. */
async function settleWithRetries(
  { usage, standIn = usage, clock, retryMs, pause, onFailure }: AccountsOptions,
  reservation: Reservation,
  sentBytes: number,
  giveBack: GiveBack,
): Promise<void> {
  for (const waitMs of [...retryMs, undefined]) {
    try {
      return giveBack(await standIn.settle(reservation, sentBytes, clock()))
    } catch (error) {
      if (waitMs === undefined) return onFailure(error)
      await pause(waitMs)
    }
  }
}
