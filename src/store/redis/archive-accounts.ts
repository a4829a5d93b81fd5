import { isSpent, type Ledger } from '../../policy/ledger.ts'
import type { AccountCopy, ClientCopy } from '../contract/archive.ts'
import { settledLedger } from '../settled-ledger.ts'
import type { Opened } from './archive-open.ts'
import { scanKeys } from './scan.ts'
import { inGroups } from '../slices.ts'

/** Ledgers whose keys are remembered at once: some fifty megabytes. Of more, the tokens are gone through in several rounds. */
const MOST_LEDGERS = 200_000
const MOST_ROUNDS = 1_024
const AT_ONCE = 128
const USAGE_VALUES = 7
const CLIENT_VALUES = 5
const LEDGER_VALUES = 9

export interface AccountsOptions extends Opened {
  /** Epoch ms. */
  readonly clock: () => number
}

/** Client and artifact of each open ledger, by token. */
type Ledgers = ReadonlyMap<string, readonly (readonly [client: string, artifact: string])[]>

/**
 * Accounts of all tokens that were used, each as it is at one instant. A ledger that is opened after its token's were looked for is not in
 * it: what it would cover is charged again.
 */
export async function* readAccounts(options: AccountsOptions): AsyncGenerator<readonly AccountCopy[]> {
  const rounds = await countRounds(options)
  for (let round = 0; round < rounds; round++) {
    const isOwn = (token: string): boolean => roundOf(token, rounds) === round
    const ledgers = await findLedgers(options, isOwn, Infinity)
    for await (const names of scanKeys(options.connection.client, options.keys.usage('*'))) {
      const tokens = names.map((name) => tagOf(name)).filter(isOwn)
      for (const some of inGroups(tokens, AT_ONCE)) yield await readThese(options, some, ledgers ?? new Map())
    }
  }
}

/** Accounts of these tokens, as they are now. */
export async function readAccountsOf(
  options: AccountsOptions,
  tokens: readonly string[],
): Promise<readonly AccountCopy[]> {
  const wanted = new Set(tokens)
  const ledgers = await findLedgers(options, (token) => wanted.has(token), Infinity)
  const copies: AccountCopy[] = []
  for (const some of inGroups(tokens, AT_ONCE)) {
    copies.push(...(await readThese(options, some, ledgers ?? new Map())))
  }
  return copies
}

async function countRounds(options: AccountsOptions): Promise<number> {
  for (let rounds = 1; rounds < MOST_ROUNDS; rounds *= 2) {
    const found = await findLedgers(options, (token) => roundOf(token, rounds) === 0, MOST_LEDGERS)
    if (found !== undefined) return rounds
  }
  return MOST_ROUNDS
}

/** Spreads tokens evenly over rounds. */
function roundOf(token: string, rounds: number): number {
  let sum = 0
  for (let at = 0; at < token.length; at++) sum = (Math.imul(sum, 31) + token.charCodeAt(at)) >>> 0
  return sum % rounds
}

/** undefined: they are more than `most`. */
async function findLedgers(
  { connection, keys }: AccountsOptions,
  isWanted: (token: string) => boolean,
  most: number,
): Promise<Ledgers | undefined> {
  const found = new Map<string, [client: string, artifact: string][]>()
  let count = 0
  for await (const names of scanKeys(connection.client, keys.ledger('*', '*', '*'))) {
    for (const name of names) {
      const token = tagOf(name)
      if (!isWanted(token)) continue
      if (++count > most) return undefined
      const rest = name.slice(keys.ledger(token, '', '').length - 1)
      const space = rest.indexOf(' ')
      const own = found.get(token) ?? []
      own.push([rest.slice(0, space), rest.slice(space + 1)])
      found.set(token, own)
    }
  }
  return found
}

/** What stands between the braces of a key. */
export function tagOf(key: string): string {
  return key.slice(key.indexOf('{') + 1, key.indexOf('}'))
}

function readThese(
  { scripts, keys, clock }: AccountsOptions,
  tokens: readonly string[],
  ledgers: Ledgers,
): Promise<readonly AccountCopy[]> {
  const read = async (token: string): Promise<AccountCopy> => {
    const open = ledgers.get(token) ?? []
    const ledgerKeys = open.map(([client, artifact]) => keys.ledger(token, client, artifact))
    const texts = await scripts.readAccount([keys.usage(token), keys.clients(token), ...ledgerKeys], [])
    const clientsEnd = USAGE_VALUES + 1 + CLIENT_VALUES * Number(texts[USAGE_VALUES])
    const copies = inGroups(texts.slice(clientsEnd), LEDGER_VALUES).flatMap(([position, ...values]) => {
      const [client = '', artifact = ''] = open[Number(position)] ?? []
      const ledger = settledLedger(toLedger(values))
      return isSpent(ledger, clock()) ? [] : [{ client, artifact, ledger }]
    })
    const clients = inGroups(texts.slice(USAGE_VALUES + 1, clientsEnd), CLIENT_VALUES).map(toClient)
    return { kind: 'account', token, usage: toUsage(texts), clients, ledgers: copies }
  }
  return Promise.all([...new Set(tokens)].map(read))
}

function toUsage(texts: readonly string[]): AccountCopy['usage'] {
  const [epoch, downloads, clients, bytes, lastUsedAt = '', resetAt = '', busyUntilUs = ''] = texts
  return {
    epoch: Number(epoch),
    downloads: Number(downloads),
    clients: Number(clients),
    bytes: Number(bytes),
    lastUsedAt: orNull(lastUsedAt),
    resetAt: orNull(resetAt),
    busyUntilUs: orNull(busyUntilUs),
  }
}

function orNull(text: string): number | null {
  return text === '' ? null : Number(text)
}

function toClient([client = '', downloads, lastAt, isCounted, firstAt = '']: readonly string[]): ClientCopy {
  return {
    client,
    downloads: Number(downloads),
    firstAt: orNull(firstAt),
    lastAt: Number(lastAt),
    isCounted: isCounted === '1',
  }
}

const KINDS = { w: 'whole', p: 'part', b: 'probe', l: 'late' } as const

function toLedger(values: readonly string[]): Ledger {
  const [openedAt, size, charges, sent, probeDay, probeBytes] = values.map(Number)
  const [covered = '', underway = ''] = values.slice(6)
  return {
    openedAt: openedAt ?? 0,
    size: size === undefined || size < 0 ? null : size,
    charges: charges ?? 0,
    sent: sent ?? 0,
    probeDay: probeDay ?? 0,
    probeBytes: probeBytes ?? 0,
    covered: wordsOf(covered).map((word) => {
      const [start, end] = word.split('-')
      return [Number(start), Number(end)]
    }),
    underway: wordsOf(underway).map((word, index) => {
      const [start, end, kind = 'l'] = word.split('-')
      return {
        id: String(index),
        start: Number(start),
        end: Number(end),
        kind: KINDS[kind as keyof typeof KINDS],
      }
    }),
  }
}

function wordsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ')
}
