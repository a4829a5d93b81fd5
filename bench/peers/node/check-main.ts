import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Redis } from 'ioredis'
import { readChargeScript, type TokenHash } from '../lua-records.ts'

/**
 * The service that Caddy's forward_auth asks, written with care: tokens are kept for some seconds, a package costs one call of one script,
 * and the calls of one turn travel together. Arguments: port, port of Redis.
 */
const [port = '', redisPort = ''] = process.argv.slice(2)
const KNOWN_MS = 5_000
const MOST_TOKENS = 200_000
const PACKAGE = /([^/_]+)_[^/_]+_[^/_]+\.deb$/

interface Token extends TokenHash {
  readonly covers: RegExp
  readonly believedUntil: number
}

const redis = new Redis({ host: '127.0.0.1', port: Number(redisPort), enableAutoPipelining: true })
const { text, digest } = readChargeScript()
await redis.script('LOAD', text)
const tokens = new Map<string, Token>()

async function load(secret: string): Promise<Token | undefined> {
  const fields = await redis.hgetall(`token:{${secret}}`)
  if (fields['active'] === undefined) return undefined
  const hash = fields as unknown as TokenHash
  const token = { ...hash, covers: new RegExp(hash.packages), believedUntil: Date.now() + KNOWN_MS }
  if (tokens.size >= MOST_TOKENS) tokens.clear()
  tokens.set(secret, token)
  return token
}

function judge(token: Token, repository: string, name: string | undefined, now: number): string | undefined {
  if (token.active !== '1') return 'token_disabled'
  if (now < Number(token.from)) return 'token_not_yet_valid'
  if (now >= Number(token.until)) return 'token_expired'
  if (token.repository !== repository) return 'repository_not_covered'
  return name === undefined || token.covers.test(name) ? undefined : 'package_not_covered'
}

async function refusalOf(uri: string, client: string): Promise<string | undefined> {
  const [, secret = '', owner = '', repo = '', path = ''] =
    /^\/([^/]+)\/([^/]+)\/([^/]+)(\/.+)$/.exec(uri) ?? []
  const now = Date.now()
  const kept = tokens.get(secret)
  const token = kept !== undefined && now < kept.believedUntil ? kept : await load(secret)
  if (token === undefined) return 'token_unknown'
  const name = PACKAGE.exec(path)?.[1]
  const code = judge(token, `${owner}/${repo}`, name, now)
  if (code !== undefined || name === undefined) return code
  const keys = [`downloads:{${secret}}`, `clients:{${secret}}`] as const
  const left = await redis.evalsha(digest, 2, ...keys, token.downloads, token.clients, client)
  return Number(left) > 0 ? undefined : 'used_up'
}

async function answer({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const code = await refusalOf(String(headers['x-forwarded-uri']), String(headers['x-forwarded-for']))
    if (code === undefined) response.writeHead(204).end()
    else response.writeHead(403, { 'Content-Type': 'application/json' }).end(JSON.stringify({ code }))
  } catch {
    response.writeHead(503).end()
  }
}

const server = createServer((request, response) => void answer(request, response))
server.keepAliveTimeout = 0
server.listen(Number(port), '127.0.0.1')
