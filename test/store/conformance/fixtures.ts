import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import type {
  ApiKey,
  DeliveryRequest,
  Exhausted,
  Reservation,
  Store,
  StoredToken,
  Usage,
} from '../../../src/store/contract.ts'
import { FULL_KEY } from '../../../src/store/stored-key.ts'
import { STORED_TOKEN_DEFAULTS } from '../../../src/store/stored-token.ts'

/** Stores of the same space share everything; a space that nobody used is empty. */
interface OpenOptions {
  readonly space: string
}

export type OpenStore = (options: OpenOptions) => Promise<Store>

/** What a store can be made to suffer, where the one who opens it knows how. */
export interface Capabilities {
  /** Ends the process that a store stands for, as a kill would, and lets so much time pass that the others take it for dead. */
  readonly kill?: (store: Store) => Promise<void>
}

/** Two stores of one space, as two processes have them. */
export interface TwoStores {
  readonly one: Store
  readonly other: Store
  readonly space: string
}

/** Opens two stores for the tests of a block. The functions may be called inside tests only. */
export function useTwoStores(open: OpenStore): () => TwoStores {
  let stores: TwoStores | undefined
  beforeAll(async () => {
    const space = newName()
    stores = { one: await open({ space }), other: await open({ space }), space }
  })
  afterAll(async () => {
    await stores?.one.close()
    await stores?.other.close()
  })
  return () => {
    if (stores === undefined) throw new Error('the stores are open while tests run only')
    return stores
  }
}

/** Asks for 200 deliveries at once, half of them at each store. */
export async function race(
  { one, other }: TwoStores,
  request: (index: number) => DeliveryRequest,
): Promise<readonly (Reservation | Exhausted)[]> {
  const requests = Array.from({ length: 200 }, (_, index) => request(index))
  return await Promise.all(requests.map((each, index) => (index % 2 ? one : other).usage.reserve(each)))
}

/** Those of the answers that were granted. */
export function grantedOf(answers: readonly (Reservation | Exhausted)[]): Reservation[] {
  return answers.filter((answer) => answer.granted)
}

let names = 0

/** A name that nothing else has. Later ones sort behind earlier ones. */
export function newName(): string {
  return `T${String(++names).padStart(6, '0')}${randomUUID().slice(0, 8).toUpperCase()}`
}

/** When the tests begin. A store may drop what is older than a day by its own clock. */
export const NOW: number = Date.now()
export const MINUTE_MS = 60_000
export const HOUR_MS: number = 60 * MINUTE_MS
export const DAY_MS: number = 24 * HOUR_MS

/** A token that is like no other: each has its own id, digest and repository unless told otherwise. */
export function newToken(fields: Partial<StoredToken> = {}): StoredToken {
  const slugPerm = newName()
  return {
    ...STORED_TOKEN_DEFAULTS,
    slugPerm,
    owner: 'acme',
    repo: `repo-${slugPerm}`,
    name: `Token ${slugPerm}`,
    digest: `digest-${slugPerm}`,
    sealedSecret: `sealed-${slugPerm}`,
    validUntil: NOW + DAY_MS,
    repositories: ['acme/*'],
    limitDownloads: 10,
    metadata: { customer: { id: 7, tags: ['a', 'ü'] } },
    createdAt: NOW,
    createdBy: 'ada',
    ...fields,
  }
}

/** A key of the management API that is like no other, and may do everything unless told otherwise. */
export function newKey(fields: Partial<ApiKey> = {}): ApiKey {
  const id = newName()
  return { ...FULL_KEY, id, name: `Key ${id}`, digest: `digest-${id}`, createdAt: NOW, ...fields }
}

/** Bytes of the file that `newDelivery` asks for. */
export const SIZE = 1_000_000
/** An eighth of it, below 128 KiB. */
export const PROBE = 125_000

/** A whole delivery without limits, each of its own token, client and artifact unless told otherwise. */
export function newDelivery(fields: Partial<DeliveryRequest> = {}): DeliveryRequest {
  const size = fields.size === undefined ? SIZE : fields.size
  return {
    token: newName(),
    client: `client-${newName()}`,
    artifact: `acme/deb/${newName()}.deb`,
    size,
    start: 0,
    end: size ?? 0,
    now: NOW,
    limitDownloads: null,
    limitClients: null,
    ...fields,
  }
}

/** Reserves what has to be granted. */
export async function granted(store: Store, request: DeliveryRequest): Promise<Reservation> {
  const answer = await store.usage.reserve(request)
  if (!answer.granted) throw new Error(`refused: ${JSON.stringify(answer)}`)
  return answer
}

/** Reserves what has to be refused. */
export async function refused(store: Store, request: DeliveryRequest): Promise<Exhausted> {
  const answer = await store.usage.reserve(request)
  if (answer.granted) throw new Error(`granted: ${JSON.stringify(answer)}`)
  return answer
}

/** Reserves, sends `sent` bytes and settles; gives what was charged at first. */
export async function deliver(store: Store, request: DeliveryRequest, sent: number): Promise<number> {
  const reservation = await granted(store, request)
  await store.usage.settle(reservation, sent, request.now)
  return reservation.charged
}

/** Usage of one token. */
export async function usageOf(
  store: Store,
  token: string,
  periodStart: number | null = null,
): Promise<Usage> {
  const [usage] = await store.usage.read([{ token, periodStart }])
  if (usage === undefined) throw new Error('no usage came back')
  return usage
}

/** Downloads, clients and bytes of a token. */
export async function countersOf(store: Store, token: string): Promise<readonly [number, number, number]> {
  const { downloads, clients, bytes } = await usageOf(store, token)
  return [downloads, clients, bytes]
}
