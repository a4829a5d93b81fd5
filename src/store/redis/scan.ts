import { Cluster, type Redis } from 'ioredis'
import type { Client } from './connection.ts'
import { inGroups } from '../slices.ts'

/** Elements that a server looks at for one answer. */
const LOOKED_AT = 1_000
/** Values are long: an answer of some hundred kilobytes. */
const READ_AT_ONCE = 250

type Pages<Item> = AsyncGenerator<readonly Item[], void, void>

/** All servers that have keys. */
export function serversOf(client: Client): readonly Redis[] {
  return client instanceof Cluster ? client.nodes('master') : [client]
}

/** Names of all keys that fit, on all servers. What is there from beginning to end comes, once or more often. */
export async function* scanKeys(client: Client, pattern: string): Pages<string> {
  for (const server of serversOf(client)) {
    yield* pages((cursor) => server.scan(cursor, 'MATCH', pattern, 'COUNT', LOOKED_AT))
  }
}

/** Fields of a hash and their values; see `scanKeys`. */
export function scanHash(client: Client, key: string): Pages<readonly [field: string, value: string]> {
  return pairs((cursor) => client.hscan(key, cursor, 'COUNT', READ_AT_ONCE))
}

/** Members of a sorted set and their scores; see `scanKeys`. */
export function scanScored(client: Client, key: string): Pages<readonly [member: string, score: string]> {
  return pairs((cursor) => client.zscan(key, cursor, 'COUNT', READ_AT_ONCE))
}

type Ask = (cursor: string) => Promise<[cursor: string, items: string[]]>

async function* pairs(ask: Ask): Pages<readonly [string, string]> {
  for await (const items of pages(ask)) {
    yield inGroups(items, 2).map(([name = '', value = '']) => [name, value] as const)
  }
}

async function* pages(ask: Ask): Pages<string> {
  let cursor = '0'
  do {
    const [next, items] = await ask(cursor)
    cursor = next
    if (items.length > 0) yield items
  } while (cursor !== '0')
}
