import type { Client } from './connection.ts'
import { within } from './errors.ts'

/** The plain commands that the store uses. Each rejects after the deadline. */
export interface Commands {
  readonly get: (key: string) => Promise<string | null>
  readonly set: (key: string, value: string) => Promise<unknown>
  /** null for each that is not there. */
  readonly readFields: (key: string, fields: readonly string[]) => Promise<readonly (string | null)[]>
  readonly readAllFields: (key: string) => Promise<Readonly<Record<string, string>>>
  readonly countFields: (key: string) => Promise<number>
  /** So many members of a sorted set of equal scores, from the first (or last) on that lies behind `after`. */
  readonly readMembers: (
    key: string,
    after: string | undefined,
    isDescending: boolean,
    count: number,
  ) => Promise<readonly string[]>
  /** Members of a sorted set and their scores, in turns, from the lowest score (or the highest) on. */
  readonly readScored: (
    key: string,
    lowest: number,
    highest: number,
    isDescending: boolean,
    offset: number,
    count: number,
  ) => Promise<readonly string[]>
  readonly dropScoredBelow: (key: string, score: number) => Promise<unknown>
  readonly dropRanks: (key: string, first: number, last: number) => Promise<unknown>
  readonly removeMember: (key: string, member: string) => Promise<unknown>
  readonly removeField: (key: string, field: string) => Promise<unknown>
  readonly readList: (key: string, count: number) => Promise<readonly string[]>
  readonly countList: (key: string) => Promise<number>
  readonly countMembers: (key: string) => Promise<number>
  /** Members of a sorted set, lowest first, with scores up to `highest`, which may be like "(7": below 7. */
  readonly readLowest: (key: string, highest: string, count: number) => Promise<readonly string[]>
  /** How many members have scores in these bounds. */
  readonly countBetween: (key: string, lowest: string, highest: string) => Promise<number>
  readonly exists: (key: string) => Promise<number>
  /** How many members of equal scores lie between two bounds, as ZRANGEBYLEX takes them. */
  readonly countLexical: (key: string, lowest: string, highest: string) => Promise<number>
  readonly readLexical: (
    key: string,
    lowest: string,
    highest: string,
    isDescending: boolean,
    offset: number,
    count: number,
  ) => Promise<readonly string[]>
  /** Members by their ranks, both ends included; with scores in turns. */
  readonly readRanks: (
    key: string,
    first: number,
    last: number,
    isDescending: boolean,
    withScores: boolean,
  ) => Promise<readonly string[]>
  /** Scores of members of a sorted set; null for each that is not there. */
  readonly readScores: (key: string, members: readonly string[]) => Promise<readonly (string | null)[]>
  /** Empty where there is nothing. */
  readonly readBytes: (key: string) => Promise<Uint8Array>
  /** Takes the first value of a list; null: it is empty. */
  readonly takeFirst: (key: string) => Promise<string | null>
  readonly increment: (key: string) => Promise<number>
  /** Adds members with one score. */
  readonly addScored: (key: string, score: number, members: readonly string[]) => Promise<unknown>
  readonly removeMembers: (key: string, members: readonly string[]) => Promise<unknown>
  /** Goes through a hash, about so many fields at a time; field and value in turns. The cursor is "0" at both ends. */
  readonly scanFields: (
    key: string,
    cursor: string,
    count: number,
  ) => Promise<readonly [cursor: string, fields: readonly string[]]>
}

const NOTHING = new Uint8Array(0)

export function createCommands(client: Client, deadlineMs: number): Commands {
  const ask = <Answer>(call: Promise<Answer>): Promise<Answer> => within(deadlineMs, call)
  return {
    get: (key) => ask(client.get(key)),
    set: (key, value) => ask(client.set(key, value)),
    // Of no fields the server answers with an error.
    readFields: async (key, fields) => (fields.length === 0 ? [] : ask(client.hmget(key, ...fields))),
    readAllFields: (key) => ask(client.hgetall(key)),
    countFields: (key) => ask(client.hlen(key)),
    readMembers: (key, after, isDescending, count) =>
      isDescending
        ? ask(client.zrevrangebylex(key, after === undefined ? '+' : `(${after}`, '-', 'LIMIT', 0, count))
        : ask(client.zrangebylex(key, after === undefined ? '-' : `(${after}`, '+', 'LIMIT', 0, count)),
    readScored: (key, lowest, highest, isDescending, offset, count) =>
      isDescending
        ? ask(client.zrevrangebyscore(key, highest, lowest, 'WITHSCORES', 'LIMIT', offset, count))
        : ask(client.zrangebyscore(key, lowest, highest, 'WITHSCORES', 'LIMIT', offset, count)),
    dropScoredBelow: (key, score) => ask(client.zremrangebyscore(key, '-inf', `(${score}`)),
    dropRanks: (key, first, last) => ask(client.zremrangebyrank(key, first, last)),
    removeMember: (key, member) => ask(client.zrem(key, member)),
    removeField: (key, field) => ask(client.hdel(key, field)),
    readList: (key, count) => ask(client.lrange(key, 0, count - 1)),
    countList: (key) => ask(client.llen(key)),
    countMembers: (key) => ask(client.zcard(key)),
    readLowest: (key, highest, count) => ask(client.zrangebyscore(key, '-inf', highest, 'LIMIT', 0, count)),
    countBetween: (key, lowest, highest) => ask(client.zcount(key, lowest, highest)),
    exists: (key) => ask(client.exists(key)),
    countLexical: (key, lowest, highest) => ask(client.zlexcount(key, lowest, highest)),
    readLexical: (key, lowest, highest, isDescending, offset, count) =>
      isDescending
        ? ask(client.zrevrangebylex(key, highest, lowest, 'LIMIT', offset, count))
        : ask(client.zrangebylex(key, lowest, highest, 'LIMIT', offset, count)),
    readRanks: (key, first, last, isDescending, withScores) => {
      if (withScores) {
        return ask(
          isDescending
            ? client.zrevrange(key, String(first), String(last), 'WITHSCORES')
            : client.zrange(key, String(first), String(last), 'WITHSCORES'),
        )
      }
      return ask(
        isDescending ? client.zrevrange(key, first, last) : client.zrange(key, String(first), String(last)),
      )
    },
    readScores: async (key, members) => (members.length === 0 ? [] : ask(client.zmscore(key, ...members))),
    readBytes: async (key) => (await ask(client.getBuffer(key))) ?? NOTHING,
    takeFirst: (key) => ask(client.lpop(key)),
    increment: (key) => ask(client.incr(key)),
    addScored: async (key, score, members) => {
      if (members.length > 0)
        await ask(client.zadd(key, ...members.flatMap((member) => [String(score), member])))
    },
    removeMembers: async (key, members) => {
      if (members.length > 0) await ask(client.zrem(key, ...members))
    },
    scanFields: (key, cursor, count) => ask(client.hscan(key, cursor, 'COUNT', String(count))),
  }
}
