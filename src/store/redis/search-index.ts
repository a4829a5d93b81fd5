import { decodeFacts, decodeUsage } from '../../policy/search/facts.ts'
import type { Known, Part, SearchIndex } from '../search/contract.ts'
import { isLexical, type Entry } from '../search/sets.ts'
import { knowsPairs } from './build-index.ts'
import type { Commands } from './commands.ts'
import type { Keys } from './keys.ts'
import type { Scripts } from './scripts.ts'
import { parseToken } from './token-text.ts'

/** What searches read. */
export function createRedisSearchIndex(
  commands: Commands,
  scripts: Pick<Scripts, 'listTokens'>,
  keys: Keys,
): SearchIndex {
  const { search } = keys
  let isWithPairs = false
  return {
    knowsPairs: async () => (isWithPairs ||= await knowsPairs({ commands, keys })),
    page: async (part, position, size, descending) => {
      const key = search.set(part.set)
      const [first, end, inside] = await ranksOf(commands, key, part, position, size, descending)
      if (first >= end) return { total: inside ?? (await count(commands, key, part)), tokens: [] }
      const asked = [first, end - 1, descending ? 1 : '']
      const [total, ...records] = await scripts.listTokens([key, keys.records], asked)
      return { total: inside ?? total, tokens: records.map(parseToken) }
    },
    count: (parts) => Promise.all(parts.map((part) => count(commands, search.set(part.set), part))),
    read: (part, ...asked) => read(commands, search.set(part.set), part, ...asked),
    facts: (ids) => readFacts(commands, keys, ids),
    factsOf: async (numbers) => {
      const ids = await commands.readFields(search.numbers, numbers.map(String))
      const held = ids.filter((id) => id !== null)
      return (await readFacts(commands, keys, held)).filter((each) => each !== undefined)
    },
    holders: async (set, value, ids) => {
      const members = ids.map((id) => `${value}\0${id}`)
      const scores = await commands.readScores(search.set(set), members)
      return new Set(ids.filter((_, at) => scores[at] !== null))
    },
    tokens: async (ids) => {
      const records = await commands.readFields(keys.records, ids)
      return records.map((record) => (record === null ? undefined : parseToken(record)))
    },
    bits: (slots) => Promise.all(slots.map((slot) => commands.readBytes(search.bits(slot)))),
  }
}

async function readFacts(
  { readFields }: Commands,
  { search }: Keys,
  ids: readonly string[],
): Promise<readonly (Known | undefined)[]> {
  const [facts, usage] = await Promise.all([readFields(search.facts, ids), readFields(search.usage, ids)])
  return facts.map((text, at) =>
    text === null
      ? undefined
      : { facts: decodeFacts(text.slice(text.indexOf(' ') + 1)), usage: decodeUsage(usage[at]) },
  )
}

function count(commands: Commands, key: string, { least, most, text }: Part): Promise<number> {
  if (text !== undefined) return commands.countLexical(key, ...lexicalBounds(text))
  if (least === undefined && most === undefined) return commands.countMembers(key)
  return commands.countBetween(key, lowest(least), highest(most))
}

async function read(
  commands: Commands,
  key: string,
  part: Part,
  position: number,
  size: number,
  descending: boolean,
): Promise<readonly Entry[]> {
  const { set, text } = part
  if (text !== undefined) {
    const bounds = lexicalBounds(text)
    return (await commands.readLexical(key, ...bounds, descending, position, size)).map(toLexical)
  }
  const [first, end] = await ranksOf(commands, key, part, position, size, descending)
  if (first >= end) return []
  if (isLexical(set.kind)) {
    return (await commands.readRanks(key, first, end - 1, descending, false)).map(toLexical)
  }
  const pairs = await commands.readRanks(key, first, end - 1, descending, true)
  return Array.from({ length: pairs.length / 2 }, (_, at) => ({
    id: pairs[at * 2] ?? '',
    value: Number(pairs[at * 2 + 1]),
  }))
}

/**
 * The ranks of a stretch, `first` included, `end` not, and how many there are in the part; undefined: it is the whole set. By rank, because
 * stepping over what lies before would take as long as it is.
 */
async function ranksOf(
  commands: Commands,
  key: string,
  part: Part,
  position: number,
  size: number,
  descending: boolean,
): Promise<readonly [first: number, end: number, inside: number | undefined]> {
  const { least, most } = part
  if (least === undefined && most === undefined) return [position, position + size, undefined]
  const [before, inside] = await Promise.all([
    descending
      ? commands.countBetween(key, most === undefined ? '(+inf' : `(${most}`, '+inf')
      : commands.countBetween(key, '-inf', least === undefined ? '(-inf' : `(${least}`),
    count(commands, key, part),
  ])
  return [before + position, before + Math.min(inside, position + size), inside]
}

function toLexical(member: string): Entry {
  const split = member.lastIndexOf('\0')
  return { value: member.slice(0, split), id: member.slice(split + 1) }
}

/** Members that are `text`, a NUL and an id. */
function lexicalBounds(text: string): readonly [lowest: string, highest: string] {
  return [`[${text}\0`, `(${text}\u0001`]
}

function lowest(least: number | undefined): string {
  return least === undefined ? '-inf' : String(least)
}

function highest(most: number | undefined): string {
  return most === undefined ? '+inf' : String(most)
}
