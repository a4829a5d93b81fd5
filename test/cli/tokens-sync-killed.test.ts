import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { cleanEnvironment, runOrFail, waitFor } from '../support/processes.ts'
import { startRedis } from '../support/redis.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const TOKENS = 300
const REPLACED = 40

/** Where the command is killed: each time a little later. */
const MOMENTS = [
  'before it has asked anything',
  'with half of the body on its way',
  'as soon as all is sent',
  'when the answer comes',
] as const
type Moment = (typeof MOMENTS)[number]

interface Tap extends AsyncDisposable {
  readonly url: string
}

/** Lies before the API, and calls `kill` at the moment. What would come then passes no more. */
async function startTap(target: string, moment: Moment, kill: () => void): Promise<Tap> {
  const server = createServer((client) => {
    const api = connect(Number(new URL(target).port), '127.0.0.1')
    let sent = Buffer.alloc(0)
    client.on('data', (chunk: Buffer) => {
      sent = Buffer.concat([sent, chunk])
      const post = sent.indexOf('POST ')
      const body = post < 0 ? -1 : sent.indexOf('{"source"', post)
      if (moment === MOMENTS[0]) return kill()
      if (moment === MOMENTS[1] && body >= 0) {
        api.write(chunk.subarray(0, chunk.length - (sent.length - body - 5)))
        return kill()
      }
      api.write(chunk)
      if (moment === MOMENTS[2] && body >= 0) kill()
    })
    api.on('data', (chunk) => {
      if (moment === MOMENTS[3] && sent.includes('{"source"')) return kill()
      client.write(chunk)
    })
    client.on('close', () => api.destroy()).on('error', () => undefined)
    api.on('close', () => client.destroy()).on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

const STORES: Readonly<Record<string, (owned: AsyncDisposableStack) => Promise<object>>> = {
  SQLite: async () => ({}),
  Redis: async (owned) => {
    const redis = owned.use(await startRedis())
    return { store: `redis://127.0.0.1:${redis.port}`, secret_key: randomBytes(32).toString('hex') }
  },
}

describe.each(Object.entries(STORES))('on %s', (_name, storeOf) => {
  const owned = new AsyncDisposableStack()
  let gate: Gate
  let undisturbed: readonly unknown[]

  const fill = async (repo: string, rows: readonly object[]): Promise<void> => {
    const { status, body } = await gate.admin('POST', `/entitlements/acme/${repo}/bulk/`, rows)
    if (status !== 200) throw new Error(JSON.stringify(body))
  }
  /** Everything of the tokens but what is another one for every copy. */
  const tokensIn = async (repo: string): Promise<readonly unknown[]> => {
    const path = `/entitlements/acme/${repo}/?page_size=500&show_tokens=true`
    const { body } = await gate.admin('GET', path)
    return (body as readonly Record<string, unknown>[]).map((token) => {
      const {
        name,
        token: secret,
        limit_num_downloads: limit,
        metadata,
        downloads,
        is_active: isActive,
      } = token
      return { name, secret, limit, metadata, downloads, isActive }
    })
  }
  const sync = (target: string): readonly string[] => [
    MAIN,
    'tokens',
    'sync',
    'acme/source',
    `acme/${target}`,
    '--yes',
  ]
  const environment = (api: string): Record<string, string> =>
    cleanEnvironment({ POSTERN_API: api, POSTERN_API_KEY: gate.adminKey })

  beforeAll(async () => {
    const repository = { format: 'raw', upstream: 'http://127.0.0.1:9/' } as const
    const names = ['source', 'reference', ...MOMENTS.map((_, index) => `target-${index}`)]
    const repositories = Object.fromEntries(names.map((name) => [`acme/${name}`, repository]))
    gate = owned.use(await startGate({ config: { ...(await storeOf(owned)), repositories } }))
    const rows = Array.from({ length: TOKENS }, (_, index) => ({
      name: `Customer ${index}`,
      token: `a-secret-of-customer-${index}`,
      limit_num_downloads: index,
      metadata: { licence: index },
      is_active: index % 7 !== 0,
    }))
    await fill('source', rows)
    // Some of them under secrets that the copies will have.
    const old = rows.slice(0, REPLACED).map((row, index) => ({
      ...row,
      name: `Old ${index}`,
      token: index % 2 ? row.token : `an-old-secret-${index}`,
    }))
    for (const name of names.slice(1)) await fill(name, old)
    await runOrFail(process.execPath, sync('reference'), { env: environment(gate.adminUrl) })
    undisturbed = await tokensIn('reference')
  })
  afterAll(() => owned.disposeAsync())

  test('a sync that nobody disturbs gives the target what the source has', async () => {
    expect(undisturbed).toHaveLength(TOKENS)
    expect(undisturbed).toEqual(await tokensIn('source'))
  })

  test.each(MOMENTS.map((moment, index) => [moment, `target-${index}`] as const))(
    'killed %s, it can be run again, and ends as if nothing had been',
    async (moment, target) => {
      const before = await tokensIn(target)
      let kill = (): void => undefined
      await using tap = await startTap(gate.adminUrl, moment, () => kill())
      const command = spawn(process.execPath, sync(target), { env: environment(tap.url), stdio: 'ignore' })
      kill = () => void command.kill('SIGKILL')
      const [code, signal] = (await once(command, 'exit')) as [number | null, string | null]
      expect([code, signal]).toEqual([null, 'SIGKILL'])

      const possible = {
        [MOMENTS[0]]: [before],
        [MOMENTS[1]]: [before],
        [MOMENTS[2]]: [before, undisturbed],
        [MOMENTS[3]]: [undisturbed],
      }[moment]
      // The server may still be at it.
      const isPossible = async (): Promise<boolean> => {
        const found = await tokensIn(target)
        return possible.some((each) => isDeepStrictEqual(each, found))
      }
      await waitFor(isPossible, { what: 'all tokens from before, or all copies' })

      const said = await runOrFail(process.execPath, sync(target), { env: environment(gate.adminUrl) })
      expect(said).toBe(`acme/${target} now has ${TOKENS} tokens, copied from acme/source.\n`)
      expect(await tokensIn(target)).toEqual(undisturbed)
      expect(await tokensIn('source')).toEqual(undisturbed)
    },
  )
})
