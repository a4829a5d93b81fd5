import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startGate } from '../support/gate.ts'
import { get } from '../support/requests.ts'

const REPOSITORY = 'acme/tools'
const SLOW_DOWN =
  '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'

test('a bucket that is asked too often costs a pause, or nothing: what is not delivered is not charged', async () => {
  let failing = 1
  const asked: string[] = []
  const bucket = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url}`)
    if (failing-- > 0) {
      const length = { 'content-type': 'application/xml', 'content-length': SLOW_DOWN.length }
      return void response.writeHead(503, 'Slow Down', length).end(SLOW_DOWN)
    }
    response.writeHead(200, { 'content-length': 4, etag: '"1"' }).end('tool')
  })
  bucket.listen(0, '127.0.0.1')
  await once(bucket, 'listening')
  const endpoint = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`
  const s3 = { endpoint, credentials: { access_key_id: 'AKIAEXAMPLE', secret_access_key: 'hunter2' } }
  const repository = { format: 'raw', upstream: 's3://packages/tools', s3, cache: false } as const
  await using gate = await startGate({ config: { repositories: { [REPOSITORY]: repository } } })
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1 })
  const ask = () => get(`${gate.url}/${token.token}/${REPOSITORY}/tool.bin`)

  failing = 2
  const refused = await ask()
  expect([refused.status, refused.headers['x-error-code'], refused.headers['retry-after']]).toEqual([
    502,
    'upstream_failed',
    '5',
  ])
  expect(asked).toHaveLength(2)
  await expect.poll(gate.output).toContain('503 SlowDown: it is asked too often')
  expect((await gate.readToken(REPOSITORY, token.slug_perm)).downloads).toBe(0)

  failing = 1
  const delivered = await ask()
  expect([delivered.status, delivered.body.toString()]).toEqual([200, 'tool'])
  expect(asked).toHaveLength(4)
  expect((await gate.readToken(REPOSITORY, token.slug_perm)).downloads).toBe(1)
  bucket.closeAllConnections()
  bucket.close()
})
