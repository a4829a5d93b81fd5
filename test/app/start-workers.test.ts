import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  cleanEnvironment,
  freePort,
  run,
  temporaryDirectory,
  waitFor,
  type TemporaryDirectory,
} from '../support/processes.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

let directory: TemporaryDirectory
let port: number
let adminPort: number

beforeEach(async () => {
  directory = await temporaryDirectory('workers')
  ;[port, adminPort] = [await freePort(), await freePort()]
})
afterEach(async () => {
  await directory?.remove()
})

async function writeConfig(): Promise<string> {
  const file = join(directory.path, 'postern.yaml')
  const config = {
    workers: 2,
    listen: `127.0.0.1:${port}`,
    admin: { listen: `127.0.0.1:${adminPort}` },
    store: `sqlite:${directory.path}/data/postern.db`,
    repositories: { 'acme/files': { format: 'raw', upstream: 'http://127.0.0.1:1/' } },
  }
  await writeFile(file, JSON.stringify(config))
  return file
}

const serve = async (env: Record<string, string> = {}) =>
  run(process.execPath, [MAIN, 'serve', '--config', await writeConfig()], { env: cleanEnvironment(env) })

async function occupy(at: number): Promise<Server & AsyncDisposable> {
  const server = createServer().listen(at, '127.0.0.1')
  await once(server, 'listening')
  return server
}

describe.runIf(process.platform === 'linux')('a gate with workers', () => {
  test.each(['customers', 'management'])(
    'does not start where another program has the port of %s',
    async (whose) => {
      await using taken = await occupy(whose === 'customers' ? port : adminPort)
      const { code, output } = await serve()
      expect(output).toContain("Postern can't start")
      expect(output).toContain(`:${(taken.address() as AddressInfo).port}: another program listens there`)
      expect(code).toBe(1)
    },
  )

  test('does not start when its workers die again and again', async () => {
    const bomb = join(directory.path, 'bomb.cjs')
    await writeFile(bomb, "if (process.argv[2] === 'worker') process.kill(process.pid, 'SIGKILL')")
    const { code, output } = await serve({ NODE_OPTIONS: `--require ${bomb}` })
    expect(output).toContain("Postern can't start. A worker process ended before it served: signal SIGKILL")
    expect(code).toBe(1)
  })

  test('ends in peace when a signal reaches all of its processes, as from a terminal', async () => {
    const child = spawn(process.execPath, [MAIN, 'serve', '--config', await writeConfig()], {
      detached: true,
      stdio: 'ignore',
      env: cleanEnvironment(),
    })
    const ended = once(child, 'exit')
    const isReady = async (): Promise<boolean> =>
      (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status === 200
    await waitFor(isReady)
    process.kill(-(child.pid ?? 0), 'SIGINT')
    expect(await ended).toEqual([0, null])
  })
})
