import type { Extent } from '../deliver/contract.ts'
import { refuse, type Refusal } from '../policy/refusal.ts'
import type { Artifact, Token } from '../policy/types.ts'
import type { DeliveryRequest, Exhausted, Reservation, UsageStore } from '../store/contract.ts'
import type { UsageBuffer } from '../store/usage-buffer.ts'

/** What a delivery was charged. */
export interface Account {
  readonly charged: number
  /** Corrects the charge to the body bytes that were sent. To be called once, whatever happened to the delivery. */
  readonly settle: (sentBytes: number) => void
}

/** A body that is about to be sent. */
export interface Delivering {
  readonly token: Token
  readonly owner: string
  readonly repo: string
  readonly artifact: Artifact
  /** Folded address. */
  readonly client: string
  readonly extent: Extent
}

export interface Accounts {
  /** Charges one download, or says which limit is used up; a refused delivery changed nothing. Rejects with a StoreError. */
  readonly charge: (delivering: Delivering) => Promise<Account | Refusal>
  /** Counts the bytes of a delivery that costs nothing. */
  readonly addBytes: (token: Token, bytes: number) => void
  /** Resolves when every settlement has been written, or given up because the store does not answer. */
  readonly drain: () => Promise<void>
}

export interface AccountsOptions {
  readonly usage: UsageStore
  readonly buffer: UsageBuffer
  /** Epoch ms. */
  readonly clock: () => number
  /** Waits so many ms between attempts to write a settlement. */
  readonly retryMs: readonly number[]
  readonly pause: (ms: number) => Promise<void>
  readonly onFailure: (error: unknown) => void
}

/** A token with a limit is charged in the store before its first byte; any other is counted in memory. */
export function createAccounts(options: AccountsOptions): Accounts {
  const { usage, buffer, clock } = options
  const settling = new Set<Promise<void>>()

  const settle = (reservation: Reservation, sentBytes: number): void => {
    const attempt = settleWithRetries(options, reservation, sentBytes)
    settling.add(attempt)
    void attempt.finally(() => settling.delete(attempt))
  }
  return {
    charge: async (delivering) => {
      const { token } = delivering
      const request = chargeRequest(delivering, clock())
      const { limitDownloads, limitClients } = token.record
      if (limitDownloads === null && limitClients === null) {
        const { charged, settle: settleInMemory } = buffer.download(request, request)
        return { charged, settle: (sentBytes) => settleInMemory(sentBytes, clock()) }
      }
      const answer = await usage.reserve({ ...request, limitDownloads, limitClients })
      if (!answer.granted) return usedUp(answer, token)
      return { charged: answer.charged, settle: (sentBytes) => settle(answer, sentBytes) }
    },
    addBytes: ({ record }, bytes) => {
      if (bytes > 0) buffer.addBytes(record.slugPerm, bytes, clock())
    },
    drain: async () => {
      while (settling.size > 0) await Promise.all(settling)
      await buffer.flush()
    },
  }
}

/** What the store is asked. */
export function chargeRequest(
  { token, owner, repo, artifact, client, extent }: Delivering,
  now: number,
): Omit<DeliveryRequest, 'limitDownloads' | 'limitClients'> {
  return {
    token: token.record.slugPerm,
    client,
    artifact: `${owner}/${repo}/${artifact.path}`,
    ...extent,
    now,
  }
}

export function usedUp({ limit, used }: Exhausted, { record }: Token): Refusal {
  return limit === 'clients'
    ? refuse('clients_used_up', { used, limit: record.limitClients ?? 0 })
    : refuse('downloads_used_up', { used, limit: record.limitDownloads ?? 0 })
}

/** A settlement that is not written leaves its delivery under way in the books, where it stands in the customer's way. */
async function settleWithRetries(
  { usage, clock, retryMs, pause, onFailure }: AccountsOptions,
  reservation: Reservation,
  sentBytes: number,
): Promise<void> {
  for (const waitMs of [...retryMs, undefined]) {
    try {
      return await usage.settle(reservation, sentBytes, clock())
    } catch (error) {
      if (waitMs === undefined) return onFailure(error)
      await pause(waitMs)
    }
  }
}
