import type { Client } from './connection.ts'
import { within } from './errors.ts'

/** The plain commands that the store uses. Each rejects after the deadline. */
export interface Commands {
  readonly get: (key: string) => Promise<string | null>
  readonly set: (key: string, value: string) => Promise<unknown>
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
  readonly removeMember: (key: string, member: string) => Promise<unknown>
}

export function createCommands(client: Client, deadlineMs: number): Commands {
  const ask = <Answer>(call: Promise<Answer>): Promise<Answer> => within(deadlineMs, call)
  return {
    get: (key) => ask(client.get(key)),
    set: (key, value) => ask(client.set(key, value)),
    readFields: (key, fields) => ask(client.hmget(key, ...fields)),
    readAllFields: (key) => ask(client.hgetall(key)),
    countFields: (key) => ask(client.hlen(key)),
    readMembers: (key, after, isDescending, count) =>
      isDescending
        ? ask(client.zrevrangebylex(key, after === undefined ? '+' : `(${after}`, '-', 'LIMIT', 0, count))
        : ask(client.zrangebylex(key, after === undefined ? '-' : `(${after}`, '+', 'LIMIT', 0, count)),
    removeMember: (key, member) => ask(client.zrem(key, member)),
  }
}
