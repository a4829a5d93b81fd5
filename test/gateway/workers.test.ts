import { Agent } from 'node:http'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, type Answer } from '../support/requests.ts'
import { isRunning, readFigures, waitForAll, workersOf, workersWhoLogged } from './crew.ts'

const REPOSITORY = 'acme/files'
const WORKERS = 4
const LARGE_BYTES = 16_000_000
const SOON = { timeout: 30_000 }

/** Each test starts five processes. */
vi.setConfig({ testTimeout: 120_000 })

/** What is under way is much on a busy machine. */
const PATIENT = { drain_timeout: '5m' }

let storage: Storage

beforeAll(async () => {
  storage = await startStorage('raw')
})
afterAll(async () => {
  await storage?.[Symbol.asyncDispose]()
})

async function startCrew(extra: object = {}): Promise<Gate> {
  const repositories = { [REPOSITORY]: { format: 'raw' as const, upstream: `${storage.url}/raw/` } }
  const gate = await startGate({ config: { workers: WORKERS, repositories, ...extra } })
  await waitForAll(gate)
  return gate
}

const urlOf = (gate: Gate, { token }: GateToken, file = 'small.bin'): string =>
  `${gate.url}/${token}/${REPOSITORY}/${file}`

/** On a connection of its own, so that any worker may get it. */
const getAfresh = (url: string): Promise<Answer> => get(url, { agent: new Agent({ keepAlive: false }) })

/** Begins downloads until each worker has some under way, and resolves to how many bytes each of them brings. */
async function beginSlowDownloads(gate: Gate, token: GateToken): Promise<Promise<number>[]> {
  const count = 10 * WORKERS
  const responses = await Promise.all(
    Array.from({ length: count }, () =>
      fetch(urlOf(gate, token, 'large.bin'), { headers: { Connection: 'close' } }),
    ),
  )
  return responses.map(async (response) => {
    let bytes = 0
    for await (const chunk of response.body ?? []) bytes += chunk.length
    return bytes
  })
}

describe.runIf(process.platform === 'linux')('four workers', () => {
  test('share a limit exactly: 50 of 1,000 parallel requests on a limit of 50', async () => {
    await using gate = await startCrew()
    const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 50 })
    const agent = new Agent({ keepAlive: true, maxSockets: 200 })
    const all = await Promise.all(Array.from({ length: 1_000 }, () => get(urlOf(gate, token), { agent })))
    agent.destroy()
    expect(all.filter(({ status }) => status === 200)).toHaveLength(50)
    expect(all.filter(({ status }) => status === 403)).toHaveLength(950)
    expect(await gate.readToken(REPOSITORY, token.slug_perm)).toMatchObject({ downloads: 50, clients: 1 })
    await expect.poll(() => workersWhoLogged(gate, '"msg":"request"').size, SOON).toBe(WORKERS)
  })

  test('show their figures as one sum', async () => {
    await using gate = await startCrew()
    const token = await gate.createToken(REPOSITORY)
    await Promise.all(Array.from({ length: 100 }, () => getAfresh(urlOf(gate, token))))
    const labels = `repository="${REPOSITORY}",token="${token.slug_perm}",name="${token.name}"`
    await expect
      .poll(async () => (await readFigures(gate)).get(`postern_downloads_total{${labels}}`), SOON)
      .toBe(100)
    const figures = await readFigures(gate)
    expect(figures.get(`postern_requests_total{repository="${REPOSITORY}",outcome="delivered"}`)).toBe(100)
    expect(figures.get('postern_request_duration_seconds_count{class="delivered"}')).toBe(100)
    expect(figures.get('postern_requests_in_flight')).toBe(0)
    for (const worker of ['primary', '1', '2', '3', '4']) {
      expect(figures.get(`process_resident_memory_bytes{worker="${worker}"}`)).toBeGreaterThan(0)
    }
  })

  test('go on when one is killed, which is replaced; nothing is forgotten, and no counter goes back', async () => {
    await using gate = await startCrew()
    const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1_000_000 })
    const over = new AbortController()
    const counted = { whole: 0, broken: 0, other: 0 }
    const load = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const answer = await getAfresh(urlOf(gate, token)).catch(() => undefined)
        if (answer?.status === 200 && answer.complete) counted.whole++
        else if (answer === undefined || !answer.complete) counted.broken++
        else counted.other++
      }
    }
    const backwards: string[] = []
    const watch = async (): Promise<void> => {
      let before = await readFigures(gate)
      while (!over.signal.aborted) {
        const now = await readFigures(gate)
        for (const [name, value] of before) {
          const isCounter = /^postern_\w+(_total|_count|_sum|_bucket)\b/.test(name)
          if (isCounter && (now.get(name) ?? 0) < value) backwards.push(`${name}: ${value}, ${now.get(name)}`)
        }
        before = now
      }
    }
    const running = Promise.all([...Array.from({ length: 12 }, load), watch()])
    await waitFor(() => counted.whole > 200)
    const [victim = -1] = workersOf(gate)
    process.kill(victim, 'SIGKILL')
    await waitFor(async () => (await readFigures(gate)).get('postern_worker_restarts_total') === 1)
    await waitForAll(gate)
    const atReplacement = counted.whole
    await waitFor(() => counted.whole > atReplacement + 200)
    over.abort()
    await running

    expect(workersOf(gate)).toHaveLength(WORKERS)
    expect(workersOf(gate)).not.toContain(victim)
    expect(backwards).toEqual([])
    expect(counted.other).toBe(0)
    // What was under way in that worker, or waited to be accepted by it.
    expect(counted.broken).toBeLessThanOrEqual(12)
    const { downloads } = await gate.readToken(REPOSITORY, token.slug_perm)
    expect(downloads).toBeGreaterThanOrEqual(counted.whole)
    expect(downloads).toBeLessThanOrEqual(counted.whole + counted.broken)
  })

  test('take a new configuration together, and none takes a wrong one', async () => {
    await using gate = await startCrew()
    const token = await gate.createToken(REPOSITORY, { repositories: ['acme/*'] })
    const statuses = async (): Promise<number[]> => {
      const url = `${gate.url}/${token.token}/acme/more/small.bin`
      const all = await Promise.all(Array.from({ length: 40 }, () => getAfresh(url)))
      return [...new Set(all.map(({ status }) => status))]
    }
    expect(await statuses()).toEqual([404])
    const config = JSON.parse(await gate.readConfig()) as { readonly repositories: Record<string, object> }
    const more = {
      ...config,
      repositories: { ...config.repositories, 'acme/more': config.repositories[REPOSITORY] },
    }
    await writeFile(gate.configFile, JSON.stringify(more))
    process.kill(gate.pid, 'SIGHUP')
    await waitFor(() => gate.output().includes('was reloaded'))
    expect(await statuses()).toEqual([200])

    await writeFile(gate.configFile, JSON.stringify({ ...config, worker: 3 }))
    process.kill(gate.pid, 'SIGHUP')
    await waitFor(() => gate.output().includes('not reloaded'))
    expect(await statuses()).toEqual([200])

    // A worker that comes later begins with what is in force, not with what the file says.
    const [victim = -1] = workersOf(gate)
    process.kill(victim, 'SIGKILL')
    await waitFor(async () => (await readFigures(gate)).get('postern_worker_restarts_total') === 1)
    await waitForAll(gate)
    expect(await statuses()).toEqual([200])
  })

  test('keep one store when one of them is replaced, whatever the file says by then', async () => {
    await using gate = await startCrew()
    const token = await gate.createToken(REPOSITORY)
    const config = JSON.parse(await gate.readConfig()) as object
    await writeFile(gate.configFile, JSON.stringify({ ...config, store: `sqlite:${gate.configFile}.db` }))
    process.kill(gate.pid, 'SIGHUP')
    await waitFor(() => gate.output().includes('was reloaded'))
    const [victim = -1] = workersOf(gate)
    process.kill(victim, 'SIGKILL')
    await waitFor(async () => (await readFigures(gate)).get('postern_worker_restarts_total') === 1)
    await waitForAll(gate)
    const all = await Promise.all(Array.from({ length: 40 }, () => getAfresh(urlOf(gate, token))))
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]))
  })

  test('forget files together when the cache is purged', async () => {
    await using gate = await startCrew({ cache: { default_ttl: '1h' } })
    const token = await gate.createToken(REPOSITORY)
    const file = join(storage.root, 'raw/changing.txt')
    const bodies = async (): Promise<string[]> => {
      const all = await Promise.all(
        Array.from({ length: 40 }, () => getAfresh(urlOf(gate, token, 'changing.txt'))),
      )
      return [...new Set(all.map(({ body }) => body.toString()))]
    }
    await writeFile(file, 'old')
    expect(await bodies()).toEqual(['old'])
    await writeFile(file, 'new')
    expect(await bodies()).toEqual(['old'])
    expect(await gate.admin('POST', '/cache/purge/', { repository: REPOSITORY })).toMatchObject({
      status: 200,
    })
    expect(await bodies()).toEqual(['new'])
  })

  test('finish the downloads under way after SIGTERM, in each of them, and the end is 0', async () => {
    const gate = await startCrew(PATIENT)
    const token = await gate.createToken(REPOSITORY)
    const downloads = await beginSlowDownloads(gate, token)
    process.kill(gate.pid, 'SIGTERM')
    expect(await Promise.all(downloads)).toEqual(downloads.map(() => LARGE_BYTES))
    await waitFor(() => !isRunning(gate.pid), { what: 'the primary to end' })
    expect(await gate.stop()).toBe(0)
    expect(workersWhoLogged(gate, 'large.bin').size).toBe(WORKERS)
  })

  test('finish the downloads under way when the primary is killed, and none stays behind', async () => {
    const gate = await startCrew(PATIENT)
    const token = await gate.createToken(REPOSITORY)
    const workers = workersOf(gate)
    const downloads = await beginSlowDownloads(gate, token)
    process.kill(gate.pid, 'SIGKILL')
    expect(await Promise.all(downloads)).toEqual(downloads.map(() => LARGE_BYTES))
    await waitFor(() => !workers.some(isRunning), { what: 'all workers to end' })
    await gate.stop()
  })

  test('end at once with the second signal', async () => {
    const gate = await startCrew({ drain_timeout: '60s' })
    const token = await gate.createToken(REPOSITORY)
    const workers = workersOf(gate)
    const stalled = await fetch(urlOf(gate, token, 'large.bin'))
    process.kill(gate.pid, 'SIGTERM')
    await waitFor(() => gate.output().includes('Stopping'))
    process.kill(gate.pid, 'SIGTERM')
    await waitFor(() => !workers.some(isRunning), { what: 'all workers to end' })
    await expect(stalled.arrayBuffer()).rejects.toThrow('terminated')
    await gate.stop()
  })

  test('are ready as long as one serves', async () => {
    await using gate = await startCrew()
    const statusOf = async (path: string): Promise<number> => (await fetch(gate.adminUrl + path)).status
    for (const pid of workersOf(gate)) process.kill(pid, 'SIGKILL')
    await waitFor(async () => (await statusOf('/readyz')) === 503)
    expect(await statusOf('/healthz')).toBe(200)
    await waitFor(async () => (await statusOf('/readyz')) === 200)
    await waitForAll(gate)
    expect(await statusOf('/healthz')).toBe(200)
  })

  test('know no key of the management API, and the first one is made once', async () => {
    const env = { POSTERN_ADMIN_KEY: '', POSTERN_TEST_SECRET: 'x'.repeat(40) }
    const config = { secret_key: '${POSTERN_TEST_SECRET}' }
    const repositories = { [REPOSITORY]: { format: 'raw' as const, upstream: `${storage.url}/raw/` } }
    await using gate = await startGate({ config: { workers: WORKERS, repositories, ...config }, env })
    await waitForAll(gate)
    expect(gate.output().split('Key of the management API')).toHaveLength(2)
    for (const pid of workersOf(gate)) {
      expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain('POSTERN_')
      expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).not.toContain('x'.repeat(40))
    }
  })
})
