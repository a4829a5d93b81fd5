import { fileURLToPath } from 'node:url'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startWorker, type WorkerProcess } from '../../src/app/worker-process.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { createPlaces } from '../../src/config/places.ts'
import type { Config } from '../../src/config/types.ts'
import {
  cleanEnvironment,
  freePort,
  temporaryDirectory,
  waitFor,
  type TemporaryDirectory,
} from '../support/processes.ts'
import { portOf } from './crew.ts'
import { get } from '../support/requests.ts'

const ROOT = new URL('../../', import.meta.url)
const MAIN = fileURLToPath(new URL('src/main.ts', ROOT))
const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
  readonly version: string
}
const PATIENCE_MS = 20_000

let directory: TemporaryDirectory
let worker: WorkerProcess | undefined

beforeEach(async () => {
  directory = await temporaryDirectory('worker')
})
afterEach(async () => {
  worker?.kill()
  await worker?.ended
  await directory?.remove()
})

async function readConfig(): Promise<Config> {
  const source = JSON.stringify({
    listen: `127.0.0.1:${await freePort()}`,
    secret_key: 'x'.repeat(40),
    store: `sqlite:${directory.path}/postern.db`,
    log: { level: 'silent' },
    repositories: { 'acme/files': { format: 'raw', upstream: 'http://127.0.0.1:1/' } },
  })
  const parsed = parseConfig(source, createPlaces('/nowhere/postern.yaml'), {})
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes))
  return parsed.config
}

async function start(of = version, main = MAIN): Promise<WorkerProcess> {
  worker = startWorker(
    { main, environment: cleanEnvironment(), descriptorOf: () => 0 },
    { slot: 3, version: of, config: await readConfig() },
  )
  return worker
}

describe.runIf(process.platform === 'linux')('a worker process', () => {
  test('serves what it was assigned', async () => {
    const port = portOf(await (await start()).serving)
    expect((await get(`http://127.0.0.1:${port}/basic/acme/files/x`)).status).toBe(401)
  })

  test('of another version says so instead', async () => {
    const { serving, ended } = await start('0.0.0')
    await expect(serving).rejects.toMatchObject({
      isExplained: true,
      message: expect.stringContaining('restart'),
    })
    expect(await ended).toBe('exit code 1')
  })

  test('that does not exist is one that has ended', async () => {
    const { serving, ended } = await start(version, `${directory.path}/nothing.js`)
    await expect(serving).rejects.toMatchObject({ isExplained: false })
    expect(await ended).toBe('exit code 1')
  })

  test('that is stuck holds nobody up, and what it says too late is not heard', async () => {
    const { serving, ask, pid = -1 } = await start()
    await serving
    process.kill(pid, 'SIGSTOP')
    expect(await ask('metrics', null, 50)).toBeUndefined()
    process.kill(pid, 'SIGCONT')
    expect(await ask('purge', { repository: undefined, path: undefined }, PATIENCE_MS)).toBe(0)
  })

  test('answers a question that it got before it was ready', async () => {
    const { ask, serving } = await start()
    const answered = ask('metrics', null, PATIENCE_MS)
    await serving
    expect(await answered).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'postern_requests_total' })]),
    )
  })

  test('leaves nobody waiting when it dies', async () => {
    const { ask, serving, ended, kill } = await start()
    await serving
    const answered = ask('metrics', null, PATIENCE_MS)
    kill()
    expect(await ended).toBe('signal SIGKILL')
    expect(await Promise.race([answered, waitFor(() => false)])).toBeUndefined()
    expect(await ask('metrics', null, PATIENCE_MS)).toBeUndefined()
  })
})
