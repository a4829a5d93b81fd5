import type { Format } from '../../policy/types.ts'
import type {
  DeliveryTotals,
  DownloadRecord,
  DownloadsQuery,
  HistoryInterval,
  HistoryStore,
  PackagesQuery,
  PackageUse,
  UsageBucket,
} from '../contract/history.ts'
import { pageOf, readLine } from '../download-lines.ts'
import type { Commands } from './commands.ts'
import { DAY_MS } from './history-additions.ts'
import type { Keys } from './keys.ts'
import type { Scripts } from './scripts.ts'
import { inGroups, pageIn } from '../slices.ts'

export interface HistoryReadOptions {
  readonly scripts: Pick<Scripts, 'readHistory' | 'readTotals' | 'readTallies'>
  readonly commands: Pick<Commands, 'readScored'>
  readonly keys: Keys
  /** Keys lie on different servers: those of each slot are read and written by calls of their own. */
  readonly isCluster: boolean
}

type Reads = Omit<HistoryStore, 'record' | 'trim'>

const TOKENS_AT_ONCE = 20
const TALLIES_AT_ONCE = 500
const CALLS_AT_ONCE = 50

/** What can be asked of the history. */
export function createHistoryReads(options: HistoryReadOptions): Reads {
  return {
    ...usageReads(options),
    ...packageReads(options),
    downloads: (query) => pageOf(query, (scan) => readLog(options, scan)),
  }
}

function usageReads({
  scripts,
  commands,
  keys,
  isCluster,
}: HistoryReadOptions): Pick<Reads, 'usage' | 'totals' | 'seen'> {
  const keyOf = (token: string, { span }: HistoryInterval): string =>
    keys.history(token, span === 'hour' ? 'hours' : 'days')
  return {
    seen: async ({ from, limit }) => {
      const first = from - (from % DAY_MS)
      const pairs = await commands.readScored(keys.seenTokens, first, Number.MAX_SAFE_INTEGER, true, 0, limit)
      return inGroups(pairs, 2).map(([token = '']) => token)
    },
    usage: async (query) => {
      const values = await scripts.readHistory([keyOf(query.token, query)], [query.from, query.until])
      return inGroups(values, 5)
        .map(toBucket)
        .toSorted((a, b) => a.start - b.start)
    },
    totals: async (query) => {
      const groups = inGroups(query.tokens, isCluster ? 1 : TOKENS_AT_ONCE)
      const answers: (readonly string[])[] = []
      for (const some of inGroups(groups, CALLS_AT_ONCE)) {
        const calls = some.map((tokens) =>
          scripts.readTotals(
            tokens.map((token) => keyOf(token, query)),
            [query.from, query.until],
          ),
        )
        answers.push(...(await Promise.all(calls)))
      }
      return inGroups(answers.flat(), 2).map(([downloads, bytes]) => ({
        downloads: Number(downloads),
        bytes: Number(bytes),
      }))
    },
  }
}

/** A bucket from the values of read-history.lua. */
export function toBucket([start, downloads, bytes, refusals, clients]: readonly (
  | string
  | number
)[]): UsageBucket {
  return {
    start: Number(start),
    downloads: Number(downloads),
    bytes: Number(bytes),
    refusals: JSON.parse(String(refusals)) as UsageBucket['refusals'],
    clients: String(clients),
  }
}

function packageReads(
  options: HistoryReadOptions,
): Pick<Reads, 'packages' | 'packageTotals' | 'downloaders'> {
  const { keys } = options
  return {
    packages: async (query) => {
      const used = (await readPackages(options, query)).filter(isUsed)
      const { repository } = query.of
      const inside = used.filter((each) => repository === null || each.repository === repository)
      const found = inside.filter((each) => isFound(each, query.search.toLowerCase()))
      return { total: found.length, packages: pageIn(found.toSorted(byLastUse), query) }
    },
    packageTotals: async ({ repository, from, until }) => {
      const sums = new Map<string, DeliveryTotals>()
      const days = daysIn(from, until).map((day) => keys.packageDay(repository, day))
      for (const some of inGroups(days, CALLS_AT_ONCE)) {
        const tallies = await Promise.all(some.map((key) => readTallies(options, key)))
        for (const { field, downloads, bytes } of tallies.flat()) {
          const before = sums.get(field) ?? { downloads: 0, bytes: 0 }
          sums.set(field, { downloads: before.downloads + downloads, bytes: before.bytes + bytes })
        }
      }
      return Array.from(sums, ([field, totals]) => {
        const [name = '', version = '', filename = ''] = JSON.parse(field) as readonly string[]
        return { name, version, filename, ...totals }
      })
    },
    downloaders: async (query) => {
      const tallies = await readTallies(options, keys.downloaders(query.repository, query.name))
      const found = tallies.filter(isUsed).map(({ field, about, ...use }) => {
        const [token = '', version = '', filename = ''] = JSON.parse(field) as readonly string[]
        return { token, tokenName: about, version, filename, ...use }
      })
      const asked = found.filter(({ version }) => query.version === null || version === query.version)
      return { total: asked.length, downloaders: pageIn(asked.toSorted(byLastUse), query) }
    },
  }
}

async function readPackages(
  options: HistoryReadOptions,
  { of }: PackagesQuery,
): Promise<readonly PackageUse[]> {
  const { keys } = options
  const isOfToken = 'token' in of
  const key = isOfToken
    ? keys.history(of.token, 'packages')
    : keys.repositoryHistory(of.repository, 'packages')
  const tallies = await readTallies(options, key)
  return tallies.map(({ field, about, ...use }) => {
    const words = JSON.parse(field) as readonly string[]
    const [repository = '', name = '', version = '', filename = ''] = isOfToken
      ? words
      : [of.repository, ...words]
    return { repository, format: about as Format, name, version, filename, ...use }
  })
}

interface Tally extends DeliveryTotals {
  readonly field: string
  readonly firstAt: number
  readonly lastAt: number
  readonly about: string
}

/** What lies in a hash of tallies. */
export async function readTallies(
  { scripts }: { readonly scripts: Pick<Scripts, 'readTallies'> },
  key: string,
): Promise<readonly Tally[]> {
  // One that was moved while it was looked for comes twice.
  const found = new Map<string, Tally>()
  let cursor = '0'
  do {
    const [next = '0', ...values] = await scripts.readTallies([key], [cursor, TALLIES_AT_ONCE])
    cursor = next
    for (const [field = '', downloads, bytes, firstAt, lastAt, about = ''] of inGroups(values, 6)) {
      const counts = { downloads: Number(downloads), bytes: Number(bytes) }
      found.set(field, { field, ...counts, firstAt: Number(firstAt), lastAt: Number(lastAt), about })
    }
  } while (cursor !== '0')
  return [...found.values()]
}

/** A package of which everything was given back was not used. */
function isUsed({ downloads, bytes }: DeliveryTotals): boolean {
  return downloads > 0 || bytes > 0
}

function isFound({ name, filename }: PackageUse, search: string): boolean {
  return name.toLowerCase().includes(search) || filename.toLowerCase().includes(search)
}

function byLastUse(a: { readonly lastAt: number }, b: { readonly lastAt: number }): number {
  return b.lastAt - a.lastAt || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
}

function daysIn(from: number, until: number): number[] {
  const first = Math.ceil(from / DAY_MS)
  const count = Math.max(0, Math.ceil(until / DAY_MS) - first)
  return Array.from({ length: count }, (_, index) => (first + index) * DAY_MS)
}

/** Records by score; of the same instant those on the wrong side of the cursor are passed over. */
async function readLog(
  { commands, keys }: HistoryReadOptions,
  { repository, from, until, after, descending, limit }: DownloadsQuery,
): Promise<readonly DownloadRecord[]> {
  const key = keys.repositoryHistory(repository, 'downloads')
  const first = after === null || descending ? from : Math.max(from, after.at)
  const last = after === null || !descending ? until - 1 : Math.min(until - 1, after.at)
  const found: DownloadRecord[] = []
  for (let offset = 0; found.length < limit; offset += limit) {
    const pairs = inGroups(await commands.readScored(key, first, last, descending, offset, limit), 2)
    const records = pairs.map(([member = '', score]) => readMember(member, repository, Number(score)))
    found.push(...records.filter((each) => isBehind(each, after, descending)))
    if (pairs.length < limit) break
  }
  return found.slice(0, limit)
}

/** A record from a member of a log. */
export function readMember(member: string, repository: string, at: number): DownloadRecord {
  const space = member.indexOf(' ')
  return readLine(member.slice(space + 1), repository, at, member.slice(0, space))
}

function isBehind({ at, id }: DownloadRecord, after: DownloadsQuery['after'], descending: boolean): boolean {
  if (after === null || at !== after.at) return true
  return descending ? id < after.id : id > after.id
}
