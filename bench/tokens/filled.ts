import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment, temporaryDirectory } from '../../test/support/processes.ts'
import { startRedis } from '../../test/support/redis.ts'
import type { Peer } from '../peers/peer.ts'
import { startPosternOnFilled } from '../peers/postern.ts'

export const STORES = ['SQLite', 'Redis'] as const

export type StoreName = (typeof STORES)[number]

const FILL = fileURLToPath(new URL('./fill-main.ts', import.meta.url))

export function filledName(kind: StoreName, tokens: number): string {
  return `Postern (${kind}), ${tokens.toLocaleString('en')} token${tokens === 1 ? '' : 's'}`
}

/** A Postern whose store holds `count` limited tokens, with the secrets of limits.ts. */
export async function startFilled(
  storage: Peer,
  kind: StoreName,
  count: number,
  nodeOptions: string = '',
): Promise<Peer> {
  await using started = new AsyncDisposableStack()
  const { url, helpers } = await openEmpty(kind, started)
  const secretKey = randomBytes(32).toString('hex')
  await fill(FILL, [url, secretKey, String(count)])
  const filled = { url, secretKey, nodeOptions }
  const peer = started.use(await startPosternOnFilled(storage, filled, filledName(kind, count)))
  const stack = started.move()
  return { ...peer, helpers, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** Runs a program that fills a store, in a process of its own, which does not outlive this one. */
export async function fill(program: string, args: readonly string[]): Promise<void> {
  const stdio = ['ignore', 'ignore', 'inherit'] as const
  const child = spawn(process.execPath, [program, ...args], { env: cleanEnvironment(), stdio: [...stdio] })
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  const [code] = (await once(child, 'exit')) as [number | null]
  process.off('exit', end)
  if (code !== 0) throw new Error(`Filling the store with tokens ended with ${code}`)
}

/** An empty store; `helpers`: processes that it needs. */
export async function openEmpty(
  kind: StoreName,
  started: AsyncDisposableStack,
): Promise<{ readonly url: string; readonly helpers: readonly number[] }> {
  if (kind === 'SQLite') {
    const directory = started.use(await temporaryDirectory('bench-tokens'))
    return { url: `sqlite:${join(directory.path, 'postern.db')}`, helpers: [] }
  }
  const redis = started.use(await startRedis())
  return { url: `redis://127.0.0.1:${redis.port}`, helpers: [redis.pid()] }
}
