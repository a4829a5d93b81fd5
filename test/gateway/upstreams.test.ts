import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startCrudeServer } from '../support/crude-server.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { startNginx, type Nginx } from '../support/nginx.ts'
import { freePort, temporaryDirectory, waitFor } from '../support/processes.ts'
import { get } from '../support/requests.ts'
import { startCustomers, tallyOf, wholeOf, type Customer, type Ending } from './customers.ts'
import { isLine, readLines } from './lines.ts'
import { REPOSITORY } from './pair.ts'

const LONGEST_MS = 120_000
const FAR = 1_000_000_000_000
const SLOW_BYTES = 600_000
const SLOW_CUSTOMERS = 6
const SOON = { timeout: 30_000 }

/** Serves two files under whatever name is asked for; one of them takes two seconds. */
async function startStorage(folder: string): Promise<Nginx> {
  return startNginx({
    serverConfig: `root ${folder};
    location /small/ { try_files /small.bin =404; }
    location /slow/ { limit_rate 256k; try_files /slow.bin =404; }`,
  })
}

function shoppers({ token }: GateToken, kind: 'small' | 'slow', count: number): Customer[] {
  return Array.from({ length: count }, (_, at) => ({
    token,
    path: (turn) => `${kind}/${at}-${turn}.bin`,
  }))
}

function startWith(upstream: readonly string[], more: object = {}): Promise<Gate> {
  const repository = { format: 'raw', upstream, cache: false, ...more } as const
  const patience = { connect_timeout: '2s', headers_timeout: '1s' }
  return startGate({ config: { repositories: { [REPOSITORY]: repository }, upstream: patience } })
}

async function figures(gate: Gate): Promise<string> {
  return (await fetch(`${gate.adminUrl}/metrics`)).text()
}

async function stateOf(gate: Gate, upstream: number): Promise<string | undefined> {
  const text = await figures(gate)
  const series = `postern_upstream_state\\{repository="${REPOSITORY}",upstream="${upstream}",state="(\\w+)"\\} 1$`
  return new RegExp(series, 'm').exec(text)?.[1]
}

function remarks(gate: Gate, message: string): number {
  return readLines(gate.output()).filter((line) => !isLine(line) && line.msg === message).length
}

async function startScene() {
  await using started = new AsyncDisposableStack()
  const folder = started.use(await temporaryDirectory('mirrored'))
  await writeFile(join(folder.path, 'small.bin'), randomBytes(1_024))
  await writeFile(join(folder.path, 'slow.bin'), randomBytes(SLOW_BYTES))
  const first = started.use(await startStorage(folder.path))
  const second = started.use(await startStorage(folder.path))
  const gate = started.use(await startWith([`${first.url}/`, `${second.url}/`]))
  const bandwidth = { limit_bandwidth: FAR, limit_bandwidth_unit: 'Byte' }
  const token = await gate.createToken(REPOSITORY, { limit_num_downloads: FAR, ...bandwidth })
  const customers = startCustomers(
    [gate],
    [...shoppers(token, 'small', 4), ...shoppers(token, 'slow', SLOW_CUSTOMERS)],
  )
  started.defer(customers.stop)
  const kept = started.move()
  return { first, second, gate, token, customers, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const isSlow = ({ received }: Ending): boolean => received === SLOW_BYTES

describe('an upstream that is killed under load', () => {
  test(
    'takes only the bodies along that were under way, and is used again when it is back',
    async (context) => {
      await using scene = await startScene()
      const { first, second, gate, token, customers } = scene
      const { endings } = customers
      await waitFor(() => endings.some(isSlow) && wholeOf(endings, token).length > 200, { what: 'the load' })
      expect((await second.requests()).every(({ method }) => method === 'HEAD')).toBe(true)
      const killedAt = performance.now()
      await first.kill()
      const later = ({ endedAt }: Ending): boolean => endedAt > killedAt
      await waitFor(() => endings.filter((each) => later(each) && isSlow(each)).length >= SLOW_CUSTOMERS, {
        what: 'slow files from the other one',
      })
      await waitFor(async () => (await stateOf(gate, 1)) === 'down')
      expect(await stateOf(gate, 2)).toBe('up')
      expect((await fetch(`${gate.adminUrl}/readyz`)).status).toBe(200)

      await first.forget()
      await first.restart()
      await waitFor(async () => (await stateOf(gate, 1)) === 'up')
      const back = await waitFor(async () => (await first.requests()).some(({ method }) => method === 'GET'))
      expect(back).toBe(true)
      await customers.stop()

      const failed = endings.filter(({ how }) => how !== '200')
      expect(Object.keys(tallyOf(failed))).toEqual(['cut'])
      expect(failed.length).toBeLessThanOrEqual(SLOW_CUSTOMERS)
      expect(failed.every(({ received }) => received < SLOW_BYTES)).toBe(true)
      expect([remarks(gate, 'An upstream is down'), remarks(gate, 'An upstream is back')]).toEqual([1, 1])
      expect(await figures(gate)).toMatch(
        /^postern_upstream_failovers_total\{repository="acme\/files",upstream="1"\} \d+$/m,
      )

      const whole = wholeOf(endings, token).length
      const uncounted = async (): Promise<readonly [number, number]> => {
        const { downloads, bandwidth, slug_perm } = await gate.readToken(REPOSITORY, token.slug_perm)
        const mine = readLines(gate.output())
          .filter(isLine)
          .filter((line) => line.token === slug_perm)
        const [sent, bytes] = mine.reduce(([n, sum], line) => [n + line.downloads, sum + line.bytes], [0, 0])
        return [sent - downloads, bytes - Number(bandwidth)]
      }
      await expect.poll(uncounted, SOON).toEqual([0, 0])
      const { downloads } = await gate.readToken(REPOSITORY, token.slug_perm)
      expect(downloads).toBeGreaterThanOrEqual(whole)
      expect(downloads).toBeLessThanOrEqual(whole + failed.length)
      await context.annotate(JSON.stringify({ ended: tallyOf(endings) }))
    },
    LONGEST_MS,
  )
})

test('an upstream that accepts and says nothing is left after its time, and then no more waited for', async () => {
  await using folder = await temporaryDirectory('mirrored')
  await writeFile(join(folder.path, 'small.bin'), 'small')
  await using silent = await startCrudeServer(() => undefined)
  await using second = await startStorage(folder.path)
  await using gate = await startWith([silent.url, second.url], {
    failover: { failures: 1, check_interval: '0s', retry_after: '1h' },
  })
  const { token } = await gate.createToken(REPOSITORY)
  const ask = () => get(`${gate.url}/${token}/${REPOSITORY}/small/x.bin`)
  const since = performance.now()
  expect(await ask()).toMatchObject({ status: 200, complete: true })
  expect(performance.now() - since).toBeGreaterThan(900)
  expect(await stateOf(gate, 1)).toBe('down')
  expect(await ask()).toMatchObject({ status: 200 })
  expect(silent.requests()).toHaveLength(1)
})

test('upstreams that are all dead are what one would be, cost nothing, and leave the gate ready', async () => {
  await using silent = await startCrudeServer(() => undefined)
  const dead = async (): Promise<string> => `http://127.0.0.1:${await freePort()}/`
  const calm = { failover: { check_interval: '0s' } }
  await using refusing = await startWith([await dead(), await dead()], calm)
  await using hanging = await startWith([silent.url, `${silent.url}/b/`], calm)
  for (const [gate, status] of [
    [refusing, 502],
    [hanging, 504],
  ] as const) {
    const { token, slug_perm } = await gate.createToken(REPOSITORY, { limit_num_downloads: 5 })
    expect(await get(`${gate.url}/${token}/${REPOSITORY}/x.bin`)).toMatchObject({ status })
    expect(await gate.readToken(REPOSITORY, slug_perm)).toMatchObject({ downloads: 0 })
    expect((await fetch(`${gate.adminUrl}/readyz`)).status).toBe(200)
  }
})
