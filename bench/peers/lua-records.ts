import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { LIMITS, REPOSITORY, secretOf } from './limits.ts'

/** The tokens of the gates around peers/lua/charge.lua: a hash for each, and beside it its downloads and clients. */

/** charge.lua and what EVALSHA calls it. */
export function readChargeScript(): { readonly text: string; readonly digest: string } {
  const text = readFileSync(new URL('./lua/charge.lua', import.meta.url), 'utf8')
  return { text, digest: createHash('sha1').update(text).digest('hex') }
}

/** What is said of a token. `packages`: a regular expression over the whole name. */
export interface TokenHash {
  readonly active: string
  readonly from: string
  readonly until: string
  readonly repository: string
  readonly packages: string
  readonly downloads: string
  readonly clients: string
}

const NOTHING_LEFT = 'nothing-left'

/** Writes `count` tokens, and one whose downloads are used up; gives its secret. */
export async function writeTokens(port: number, count: number): Promise<{ readonly usedUp: string }> {
  await using redis = disposableRedis(port)
  const pipeline = redis.value.pipeline()
  for (let token = 0; token < count; token++) pipeline.hset(keyOf(secretOf(token)), { ...hash() })
  pipeline.hset(keyOf(NOTHING_LEFT), { ...hash(), downloads: '0' })
  await pipeline.exec()
  return { usedUp: NOTHING_LEFT }
}

/** Downloads of the first `count` tokens together. */
export async function countDownloads(port: number, count: number): Promise<number> {
  await using redis = disposableRedis(port)
  const keys = Array.from({ length: count }, (_, token) => `downloads:{${secretOf(token)}}`)
  const values = await redis.value.mget(keys)
  return values.reduce((sum, value) => sum + Number(value), 0)
}

function disposableRedis(port: number): { readonly value: Redis } & AsyncDisposable {
  const value = new Redis({ host: '127.0.0.1', port })
  return { value, [Symbol.asyncDispose]: async () => void (await value.quit()) }
}

function keyOf(secret: string): string {
  return `token:{${secret}}`
}

function hash(): TokenHash {
  const globs = LIMITS.packages.map((glob) => glob.replaceAll('*', '[^/]*'))
  return {
    active: '1',
    from: String(LIMITS.validFrom),
    until: String(LIMITS.validUntil),
    repository: REPOSITORY,
    packages: `^(?:${globs.join('|')})$`,
    downloads: String(LIMITS.downloads),
    clients: String(LIMITS.clients),
  }
}
