import type { EventType } from '../../policy/event-type.ts'
import type { ChangeNote, ObjectNote } from './audit.ts'
import type { Expectation } from './expectation.ts'

/** Something that happened and that webhooks may want to know. */
export interface EventRecord {
  /** One thing that happened has one id, whoever notices it and however often. */
  readonly id: string
  readonly type: EventType
  readonly at: number
  readonly owner: string
  /** Empty: it is about the owner, or a token that belongs to no repository. */
  readonly repo: string
  /** slug_perm and name of the token that it is about; null: a ping. */
  readonly token: string | null
  readonly tokenName: string | null
  /** What else there is to say, as JSON. Never a secret, nor a digest of one. */
  readonly data: Readonly<Record<string, unknown>>
}

/** Where events are sent. */
export interface Webhook {
  readonly id: string
  readonly owner: string
  readonly targetUrl: string
  /** null: all of them. */
  readonly events: readonly EventType[] | null
  /** Globs over `owner/repo`. null: all repositories of the owner. */
  readonly repositories: readonly string[] | null
  readonly isActive: boolean
  /** The key of the signatures, sealed with the server key. */
  readonly sealedSecret: string
  readonly createdAt: number
  readonly createdBy: string
  readonly updatedAt: number | null
  readonly updatedBy: string | null
}

/** A change to a webhook. Absent fields stay as they are. */
type WebhookChange = Partial<Omit<Webhook, 'id' | 'owner' | 'createdAt' | 'createdBy'>>

/** `waiting`: will be tried (again); `delivered`: the target took it; `dead`: given up, until somebody sends it again. */
export type DeliveryState = 'waiting' | 'delivered' | 'dead'

/** One event on its way to one webhook. */
export interface EventDelivery {
  /** A ULID. The receiver sees the same one at every attempt. */
  readonly id: string
  readonly webhook: string
  readonly event: EventRecord
  readonly state: DeliveryState
  readonly createdAt: number
  /** Attempts begun; counted before they are made, so that one cut short by a crash is a retry afterwards. */
  readonly attempts: number
  /** Of those, the ones before it was last sent again by hand: a new start for patience. */
  readonly attemptsBefore: number
  /** Next attempt of a waiting one. */
  readonly dueAt: number
  readonly lastAttemptAt: number | null
  /** HTTP status of the last attempt; null: none came. */
  readonly lastStatus: number | null
  /** Why the last attempt failed, for a person; null: it did not. */
  readonly lastError: string | null
}

/** How an attempt ended. */
export interface AttemptOutcome {
  readonly state: DeliveryState
  /** For `waiting`: the next attempt. Else when it ended. */
  readonly dueAt: number
  readonly lastStatus: number | null
  readonly lastError: string | null
}

/** Which deliveries of a webhook to list, newest first (by `createdAt`, then by id). `page` counts from 1. */
export interface DeliveryQuery {
  readonly webhook: string
  /** null: of every state. */
  readonly state: DeliveryState | null
  readonly page: number
  readonly pageSize: number
}

/** Requests of a token that were refused for one reason. */
export interface RefusalCount {
  /** First instant of the hour. */
  readonly hour: number
  readonly token: string
  readonly tokenName: string
  readonly owner: string
  readonly repo: string
  readonly reason: string
  readonly count: number
}

export interface WebhookStore {
  /** Of an owner, or of all of them (null), by id: oldest first. */
  list(owner: string | null): Promise<readonly Webhook[]>
  read(owner: string, id: string): Promise<Webhook | undefined>
  /** As each of those that follow: together with its line in the audit log. */
  create(webhook: Webhook, note?: ChangeNote): Promise<void>
  /** The webhook after the change; undefined: there is none. @throws StoreError `unexpected` when it is not as expected. */
  update(
    owner: string,
    id: string,
    change: WebhookChange,
    note?: ChangeNote,
    isExpected?: Expectation<Webhook>,
  ): Promise<Webhook | undefined>
  /**
   * Its deliveries go with it, some at a time; those that stay because that is cut short end when they are due. False: there was none.
   * @throws StoreError `unexpected` as `update`.
   */
  delete(owner: string, id: string, note?: ChangeNote, isExpected?: Expectation<Webhook>): Promise<boolean>
}

/**
 * What happened, until every webhook knows. Events about changes of tokens are written by the store itself, together with the change and
 * its line in the audit log.
 */
export interface EventStore {
  /** Adds events whose ids were not seen in the last 400 days; gives the ids of those that were added. */
  add(events: readonly EventRecord[]): Promise<readonly string[]>
  /** Those that nobody has handed out, oldest first. */
  waiting(limit: number): Promise<readonly EventRecord[]>
  /** Puts these deliveries in the place of an event, all at once. False: it was handed out already, and nothing was changed. */
  handOut(event: EventRecord, deliveries: readonly EventDelivery[]): Promise<boolean>
  /** Adds up refusals of all processes. */
  countRefusals(counts: readonly RefusalCount[]): Promise<void>
  /** Makes events of the refusals of hours before `before`, some at a time. Resolves to how many; 0: there are no more. */
  closeHours(before: number, at: number): Promise<number>
  /**
   * Takes deliveries that are due for an attempt: counts it, and puts the next one off until `until`, should this process die. Nobody else
   * takes the same ones meanwhile. Those of the webhooks in `except` are passed over.
   */
  claim(
    now: number,
    until: number,
    limit: number,
    except: readonly string[],
  ): Promise<readonly EventDelivery[]>
  /** Notes the end of an attempt. False when it is no longer the last one, or there is no such delivery; then nothing is changed. */
  finish(delivery: EventDelivery, outcome: AttemptOutcome): Promise<boolean>
  deliveries(
    query: DeliveryQuery,
  ): Promise<{ readonly total: number; readonly deliveries: readonly EventDelivery[] }>
  /** Makes a delivery of this webhook due at `at`, whatever became of it; undefined: there is none. A note leaves a line in the audit log. */
  resend(webhook: string, id: string, at: number, note?: ObjectNote): Promise<EventDelivery | undefined>
  /** Adds a delivery of an event that is for one webhook only. */
  addDelivery(delivery: EventDelivery): Promise<void>
  /** How many wait and how many were given up: events that nobody has handed out count as waiting. */
  counts(): Promise<{ readonly waiting: number; readonly dead: number }>
  /** True: `holder` has the lease until `until`, and nobody else. */
  lease(name: string, holder: string, now: number, until: number): Promise<boolean>
  /** Forgets deliveries that ended, and ids seen, before these instants; some at a time. Resolves to how many; 0: there are no more. */
  sweep(endedBefore: number, seenBefore: number): Promise<number>
}
