import type { StoredToken, TokenList } from '../contract.ts'
import { tooBroad, type Search } from './bounds.ts'
import type { Part, SearchIndex } from './contract.ts'
import { mergeParts } from './merge.ts'
import type { Entry } from './sets.ts'

/** A page of parts that hold just what is wanted, in the order that is wanted. */
export async function readPage(search: Search, parts: readonly Part[]): Promise<TokenList> {
  const { index, page, pageSize, descending } = search
  const first = (page - 1) * pageSize
  const [only] = parts
  if (only !== undefined && parts.length === 1) {
    return { isExact: true, ...(await index.page(only, first, pageSize, descending)) }
  }
  const counts = await index.count(parts)
  const total = sum(counts)
  if (first >= total) return { total, isExact: true, tokens: [] }
  const filled = parts.filter((_, at) => (counts[at] ?? 0) > 0)
  const whole = filled.length === 1 ? filled[0] : await wholeOwner(search, filled, total)
  const entries =
    whole === undefined
      ? await readMerged(search, filled, first)
      : await index.read(whole, first, pageSize, descending)
  return { total, isExact: true, tokens: await readTokens(index, idsOf(entries)) }
}

/** The names of the owner, if those of the parts are all of them. */
async function wholeOwner(
  { index, owner }: Search,
  parts: readonly Part[],
  total: number,
): Promise<Part | undefined> {
  if (parts[0]?.set.kind !== 'names') return undefined
  const set = { kind: 'owner-names', owner, repo: null } as const
  return sum(await index.count([{ set }])) === total ? { set } : undefined
}

async function readMerged(
  { index, bounds, pageSize, descending }: Search,
  parts: readonly Part[],
  first: number,
): Promise<readonly Entry[]> {
  if (first > bounds.cost) throw tooBroad()
  const found: Entry[] = []
  let passed = 0
  for await (const batch of mergeParts(index, parts, descending)) {
    found.push(...batch.slice(Math.max(0, first - passed)))
    passed += batch.length
    if (found.length >= pageSize) break
  }
  return found.slice(0, pageSize)
}

/** Those that are still there. */
export async function readTokens(
  index: Pick<SearchIndex, 'tokens'>,
  ids: readonly string[],
): Promise<readonly StoredToken[]> {
  return (await index.tokens(ids)).filter((token) => token !== undefined)
}

export function idsOf(entries: readonly Entry[]): readonly string[] {
  return entries.map(({ id }) => id)
}

export function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
