import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCrudeServer } from '../support/crude-server.ts'
import type { GateToken } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { codeOf, REPOSITORY, startPair, type Pair } from './pair.ts'

const LIMIT = Date.UTC(2030, 5, 1)

let storage: Storage
let pair: Pair
let token: GateToken

beforeAll(async () => {
  storage = await startStorage('raw')
  const date = async (path: string, at: number): Promise<void> => {
    const file = join(storage.root, 'raw', path)
    await writeFile(file, path)
    await utimes(file, at / 1_000, at / 1_000)
  }
  await date('before.bin', LIMIT - 1_000)
  await date('exactly.bin', LIMIT)
  await date('after.bin', LIMIT + 1_000)
  await date('after.bin.sha256', LIMIT + 1_000)
  pair = await startPair(`${storage.url}/raw/`, {
    repositories: {
      [REPOSITORY]: { format: 'raw', upstream: `${storage.url}/raw/` },
      'acme/folder': { format: 'raw', upstream: `file://${storage.root}/raw/` },
    },
  })
  token = await pair.here.createToken(REPOSITORY, {
    limit_published_until: new Date(LIMIT).toISOString(),
    limit_num_downloads: 100,
    repositories: ['acme/*'],
  })
})
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

async function outcome(path: string, options = {}): Promise<unknown> {
  const answer = await pair.ask(pair.here, token, path, options)
  return codeOf(answer) ?? answer.status
}

describe('updates until an instant', () => {
  test.each([
    ['before.bin', 200],
    ['exactly.bin', 200],
    ['after.bin', 'published_too_late'],
    ['after.bin.sha256', 200],
    ['missing.bin', 'not_found'],
  ])('%s: %s', async (path, expected) => {
    expect(await outcome(path)).toBe(expected)
    expect(await outcome(path, { method: 'HEAD' })).toBe(expected)
  })

  test('hold for files in a folder, too', async () => {
    const ask = async (path: string): Promise<number> =>
      (await fetch(`${pair.here.url}/${token.token}/acme/folder/${path}`)).status
    expect([await ask('before.bin'), await ask('after.bin')]).toEqual([200, 403])
  })

  test('can not be passed by a range or a condition', async () => {
    for (const headers of [
      { Range: 'bytes=0-0' },
      { 'If-Modified-Since': new Date(LIMIT + 5_000).toUTCString() },
      { 'If-None-Match': '*' },
    ]) {
      expect(await outcome('after.bin', { headers })).toBe('published_too_late')
    }
  })

  test('cost nothing when they refuse', async () => {
    const before = await pair.read(token)
    await outcome('after.bin')
    expect((await pair.read(token)).downloads).toBe(before.downloads)
  })

  test('that are extended open what is newer', async () => {
    const other = await pair.here.createToken(REPOSITORY, { limit_published_until: '2030-06-01' })
    expect((await pair.ask(pair.here, other, 'after.bin')).status).toBe(403)
    await pair.patch(other, { limit_published_until: '2030-06-02' })
    expect((await pair.ask(pair.here, other, 'after.bin')).status).toBe(200)
  })
})

describe('a package that the storage dates wrongly is refused:', () => {
  const DATES: Readonly<Record<string, string>> = {
    none: '',
    empty: 'Last-Modified: \r\n',
    text: 'Last-Modified: yesterday\r\n',
    number: 'Last-Modified: 0\r\n',
    iso: 'Last-Modified: 2020-01-01T00:00:00Z\r\n',
    two: `Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT\r\nLast-Modified: ${new Date(LIMIT + 5_000).toUTCString()}\r\n`,
  }
  const answer = (socket: Socket, head: string): void => {
    const name = /^\w+ \/(\w+)/.exec(head)?.[1] ?? ''
    const date = DATES[name] ?? 'Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT\r\n'
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${date}\r\n${head.startsWith('HEAD') ? '' : 'ok'}`)
  }

  test('its date must be one, and one only', async () => {
    await using crude = await startCrudeServer(answer)
    await using other = await startPair(`${crude.url}/`)
    const limited = await other.here.createToken(REPOSITORY, { limit_published_until: '2030-06-01' })
    const free = await other.here.createToken(REPOSITORY)
    for (const name of Object.keys(DATES)) {
      const refused = await other.ask(other.here, limited, `${name}.bin`)
      expect([name, codeOf(refused)]).toEqual([name, 'published_too_late'])
      expect((await other.ask(other.here, free, `${name}.bin`)).status).toBe(200)
      expect((await other.ask(other.here, limited, `${name}.bin.sha256`)).status).toBe(200)
    }
    expect((await other.ask(other.here, limited, 'dated.bin')).status).toBe(200)
  })
})
