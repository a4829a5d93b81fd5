import type { Store } from '../store/contract.ts'
import type { AttemptOutcome, EventDelivery, EventRecord, Webhook } from '../store/contract/events.ts'
import { newDelivery } from '../store/new-delivery.ts'
import { pauseAfter } from './backoff.ts'
import { wants } from './match.ts'
import { renderPayload } from './payload.ts'
import type { Post, Posted } from './post.ts'
import { sign } from './signature.ts'

export interface DispatcherOptions {
  readonly store: Pick<Store, 'events' | 'webhooks'>
  readonly post: (what: Post) => Promise<Posted>
  readonly unseal: (sealed: string) => string
  /** Makes ids of deliveries: ULIDs. */
  readonly newId: () => string
  /** Epoch ms. */
  readonly clock: () => number
  /** In [0, 1). */
  readonly random: () => number
  readonly version: string
  /** Is told how each attempt ended. */
  readonly onAttempt: (result: 'delivered' | 'failed' | 'dead') => void
  readonly onError: (error: unknown) => void
}

/** Brings events to webhooks. */
export interface Dispatcher {
  /** Hands out what waits and begins the attempts that are due; resolves when those are begun, not when they have ended. */
  readonly turn: () => Promise<void>
  /** Resolves when the attempts under way have ended. */
  readonly drain: () => Promise<void>
}

const HANDED_OUT_AT_ONCE = 100
/** Attempts at the same time, and of those to one webhook: a slow one must not stop the others. */
const MOST_UNDERWAY = 32
const MOST_OF_ONE = 4
/** Attempts that are begun in one turn. */
const BEGUN_AT_ONCE = 100
/** Longer than any attempt takes. An attempt of a process that died is made again after that. */
const CLAIMED_MS = 60_000

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { store, clock, onError } = options
  const underway = new Map<Promise<void>, string>()

  const begin = (delivery: EventDelivery, webhook: Webhook | undefined): void => {
    const work = deliver(options, delivery, webhook).catch(onError)
    underway.set(work, delivery.webhook)
    void work.finally(() => underway.delete(work))
  }
  const busy = (): string[] => {
    const counts = Map.groupBy(underway.values(), (webhook) => webhook)
    return [...counts].flatMap(([webhook, { length }]) => (length >= MOST_OF_ONE ? [webhook] : []))
  }
  return {
    turn: async () => {
      const waiting = await store.events.waiting(HANDED_OUT_AT_ONCE)
      let webhooks: readonly Webhook[] | undefined
      if (waiting.length > 0) webhooks = await store.webhooks.list(null)
      for (const event of waiting) await handOut(options, event, webhooks ?? [])
      for (let begun = 0; begun < BEGUN_AT_ONCE; begun++) {
        if (underway.size >= MOST_UNDERWAY) await Promise.race(underway.keys())
        const now = clock()
        // One at a time: with more, one webhook could get more than its share.
        const [claimed] = await store.events.claim(now, now + CLAIMED_MS, 1, busy())
        if (claimed === undefined) return
        webhooks ??= await store.webhooks.list(null)
        begin(
          claimed,
          webhooks.find(({ id }) => id === claimed.webhook),
        )
      }
    },
    drain: async () => void (await Promise.all(underway.keys())),
  }
}

async function handOut(
  { store, newId, clock }: DispatcherOptions,
  event: EventRecord,
  webhooks: readonly Webhook[],
): Promise<void> {
  const now = clock()
  const deliveries = webhooks
    .filter((webhook) => wants(webhook, event))
    .map(({ id }) => newDelivery(newId(), id, event, now))
  await store.events.handOut(event, deliveries)
}

async function deliver(
  options: DispatcherOptions,
  delivery: EventDelivery,
  webhook: Webhook | undefined,
): Promise<void> {
  const { store, clock, onAttempt } = options
  const outcome = webhook?.isActive
    ? judge(options, delivery, await attempt(options, delivery, webhook))
    : { state: 'dead' as const, dueAt: clock(), lastStatus: null, lastError: STOPPED }
  await store.events.finish(delivery, outcome)
  onAttempt(outcome.state === 'waiting' ? 'failed' : outcome.state)
}

const STOPPED = 'The webhook is switched off, or gone.'

async function attempt(
  { post, unseal, clock, version }: DispatcherOptions,
  delivery: EventDelivery,
  { targetUrl, sealedSecret }: Webhook,
): Promise<Posted> {
  const body = renderPayload(delivery)
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': `postern/${version}`,
    'X-Postern-Event': delivery.event.type,
    'X-Postern-Delivery': delivery.id,
    'X-Postern-Attempt': String(delivery.attempts),
  }
  let secret: string
  try {
    secret = unseal(sealedSecret)
  } catch {
    return { error: 'The secret of the webhook was sealed under another secret_key.' }
  }
  return post({
    url: targetUrl,
    headers: { ...headers, 'X-Postern-Signature': sign(secret, body, clock()) },
    body,
  })
}

function judge(
  { clock, random }: DispatcherOptions,
  { attempts, attemptsBefore }: EventDelivery,
  posted: Posted,
): AttemptOutcome {
  const now = clock()
  const lastStatus = 'status' in posted ? posted.status : null
  const isTaken = lastStatus !== null && lastStatus >= 200 && lastStatus < 300
  if (isTaken) return { state: 'delivered', dueAt: now, lastStatus, lastError: null }
  const lastError = 'error' in posted ? posted.error : explainStatus(posted.status)
  const pause = pauseAfter(attempts - attemptsBefore, random())
  return pause === undefined
    ? { state: 'dead', dueAt: now, lastStatus, lastError }
    : { state: 'waiting', dueAt: now + pause, lastStatus, lastError }
}

function explainStatus(status: number): string {
  const isRedirect = status >= 300 && status < 400
  return isRedirect
    ? `The target redirects (${status}), which is not followed.`
    : `The target answered ${status}.`
}
