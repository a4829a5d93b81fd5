import { Agent } from 'node:http'
import express from 'express'
import httpProxy from 'http-proxy'
import { Redis } from 'ioredis'

/**
 * The gate of an afternoon: express, http-proxy, and Redis asked one question after the other. It parses nothing, gives nothing back,
 * charges an index like a package, and is exact only as long as nobody asks twice at once. Arguments: port, URL of the storage, port of
 * Redis.
 */
const [port = '', target = '', redisPort = ''] = process.argv.slice(2)
const redis = new Redis(Number(redisPort), '127.0.0.1')
const proxy = httpProxy.createProxyServer({ target, agent: new Agent({ keepAlive: true }) })
proxy.on('error', (_error, _request, response) => void response.writeHead(502).end())

async function refusalOf(secret: string, repository: string, client: string): Promise<string | undefined> {
  const id = await redis.get(`secret:${secret}`)
  if (id === null) return 'unknown token'
  const token = await redis.hgetall(`token:${id}`)
  if (token['active'] !== '1') return 'disabled'
  if (Date.now() >= Number(token['until'])) return 'expired'
  if (token['repository'] !== repository) return 'wrong repository'
  if ((await redis.incr(`downloads:${id}`)) > Number(token['downloads'])) return 'downloads used up'
  await redis.sadd(`clients:${id}`, client)
  if ((await redis.scard(`clients:${id}`)) > Number(token['clients'])) return 'too many clients'
  return undefined
}

const app = express()
app.use('/:secret/:owner/:repo', async (request, response) => {
  const { secret, owner, repo } = request.params
  const error = await refusalOf(secret, `${owner}/${repo}`, request.ip ?? '')
  if (error === undefined) proxy.web(request, response)
  else response.status(403).json({ error })
})
app.listen(Number(port), '127.0.0.1')
