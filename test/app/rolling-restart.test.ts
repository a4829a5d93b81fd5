import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { run, runOrFail } from '../support/processes.ts'

const SCRIPT = fileURLToPath(new URL('rolling-restart.ts', import.meta.url))

interface Restarted {
  readonly lasting: Readonly<Record<string, number>>
  readonly fresh: Readonly<Record<string, number>>
  readonly codes: readonly number[]
}

/** A network of its own, in which the kernel may be told to hand waiting connections over. */
const AS_ANYBODY = process.getuid?.() === 0 ? [] : ['--map-current-user', '--keep-caps']
const IN_OWN_NETWORK = ['unshare', ...AS_ANYBODY, '--net', 'sh', '-c']
const MIGRATE = 'ip link set lo up && echo 1 > /proc/sys/net/ipv4/tcp_migrate_req'

async function canMigrate(): Promise<boolean> {
  const [command = '', ...args] = [...IN_OWN_NETWORK, MIGRATE]
  return run(command, args).then(
    ({ code }) => code === 0,
    () => false,
  )
}

/** Several masters start and end one after the other: where the machine is busy that takes a while. */
const SCRIPT_MS = 300_000
vi.setConfig({ testTimeout: SCRIPT_MS + 10_000 })

async function restart(command: string, ...args: readonly string[]): Promise<Restarted> {
  return JSON.parse(await runOrFail(command, args, { timeoutMs: SCRIPT_MS })) as Restarted
}

const canHandOver = await canMigrate()

describe.runIf(process.platform === 'linux')('masters that follow each other on the same port', () => {
  test('break no request on a connection that stands, and no answer', async () => {
    const { lasting, fresh, codes } = await restart(process.execPath, SCRIPT)
    expect(codes).toEqual([0, 0])
    expect(lasting['200']).toBeGreaterThan(100)
    // A connection that no worker had accepted yet may be reset: nothing was sent on it, and clients try again.
    expect(
      Object.keys({ ...lasting, ...fresh }).filter((ending) => !['200', 'ECONNRESET'].includes(ending)),
    ).toEqual([])
    expect((lasting['ECONNRESET'] ?? 0) + (fresh['ECONNRESET'] ?? 0)).toBeLessThan((fresh['200'] ?? 0) / 20)
  })

  test.runIf(canHandOver)('lose nothing at all where the kernel hands waiting connections over', async () => {
    const [command = '', ...args] = [
      ...IN_OWN_NETWORK,
      `${MIGRATE} && exec "$0" "$1"`,
      process.execPath,
      SCRIPT,
    ]
    const { lasting, fresh } = await restart(command, ...args)
    expect(Object.keys(lasting)).toEqual(['200'])
    expect(Object.keys(fresh)).toEqual(['200'])
  })
})
