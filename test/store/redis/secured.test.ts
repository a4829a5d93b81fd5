import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RedisServers } from '../../../src/store/redis/connection.ts'
import { runOrFail, temporaryDirectory, type TemporaryDirectory } from '../../support/processes.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import { granted, newDelivery, newKey, newToken, NOW } from '../conformance/fixtures.ts'
import { openStore, serverAt } from './open.ts'

const PASSWORD = 'correct horse battery staple'

let folder: TemporaryDirectory
let server: RedisServer
beforeAll(async () => {
  folder = await temporaryDirectory('tls')
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const files = ['-keyout', join(folder.path, 'key.pem'), '-out', join(folder.path, 'cert.pem')]
  await runOrFail('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    ...subject,
    ...files,
  ])
  const [ca, key] = [join(folder.path, 'cert.pem'), join(folder.path, 'key.pem')]
  server = await startRedis({ tls: { ca, key } })
  // What docs/configuration.md asks for.
  const rights =
    '~postern:* &postern:* +@read +@write +@connection +evalsha +eval +subscribe +publish +info +time'
  await server.command('ACL', 'SETUSER', 'postern', 'on', `>${PASSWORD}`, ...rights.split(' '))
  await server.command(
    'ACL',
    'SETUSER',
    'reader',
    'on',
    `>${PASSWORD}`,
    '~*',
    '+@read',
    '+@connection',
    '+info',
  )
  await server.command('ACL', 'SETUSER', 'default', 'off')
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder.remove()
})

function secured(fields: Partial<RedisServers> = {}): RedisServers {
  const tls = { ca: join(folder.path, 'cert.pem'), cert: null, key: null }
  return serverAt(server.port, { tls, username: 'postern', password: PASSWORD, ...fields })
}

describe('with TLS and a user of its own', () => {
  test('a store works, with no rights but those it needs', async () => {
    const warnings: string[] = []
    const onWarning = (message: string): number => warnings.push(message)
    const [one, other] = [await openStore(secured(), { onWarning }), await openStore(secured())]
    const told: (string | undefined)[] = []
    other.tokens.watch((digest) => told.push(digest))
    const token = newToken()
    await one.tokens.create(token)
    await expect.poll(() => told).toEqual([token.digest])
    await one.usage.settle(await granted(one, newDelivery({ limitConcurrency: 1 })), 5, Date.now())
    await one.keys.create(newKey())
    expect(
      await one.tokens.list({
        owner: 'acme',
        repos: [token.repo],
        page: 1,
        pageSize: 9,
        filter: { kind: 'word', pattern: 'token' },
        order: 'created',
        descending: false,
        now: NOW,
      }),
    ).toMatchObject({ total: 1 })
    // CONFIG is not among its rights, so that nothing is known about the server's settings.
    expect(warnings).toEqual([])
    await Promise.all([one.close(), other.close()])
  })
})

describe('the start is refused', () => {
  test.each<[string, Partial<RedisServers>, string]>([
    ['to a wrong password', { password: 'wrong' }, 'WRONGPASS'],
    ['to nobody', { username: null, password: null }, 'NOAUTH'],
    ['to a user that may not write', { username: 'reader' }, 'NOPERM'],
    [
      'by a certificate that nobody vouches for',
      { tls: { ca: null, cert: null, key: null } },
      'self-signed certificate',
    ],
    [
      'by a file that is missing',
      { tls: { ca: '/nowhere/ca.pem', cert: null, key: null } },
      '/nowhere/ca.pem',
    ],
  ])('%s', async (_what, fields, reason) => {
    const error = await openStore(secured(fields)).then(
      () => 'opened',
      (failure: unknown) => failure,
    )
    expect(error).toMatchObject({
      name: 'StoreError',
      code: 'unavailable',
      message: expect.stringContaining(reason),
    })
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(PASSWORD)
  })
})
