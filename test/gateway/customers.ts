import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Gate, GateToken } from '../support/gate.ts'
import { get } from '../support/requests.ts'
import { REPOSITORY } from './pair.ts'

/** How a request ended. Instants are those of `performance.now()`. */
export interface Ending {
  readonly host: number
  readonly token: string
  readonly endedAt: number
  /** A status, `cut` for a file that did not come whole, or `no answer`. */
  readonly how: string
  /** Bytes of the file. */
  readonly received: number
}

export interface Customers {
  readonly endings: readonly Ending[]
  /** Resolves when the last request has ended. */
  readonly stop: () => Promise<void>
}

/** Who asks for what, without end. */
export interface Customer {
  /** Secret of the token. */
  readonly token: string
  /** Below the repository, for the `count`th time. */
  readonly path: (count: number) => string
}

/** What failed is tried again after that. */
const PAUSE_MS = 10

/** Has each of them ask the hosts in turn, on lasting connections. */
export function startCustomers(hosts: readonly Gate[], customers: readonly Customer[]): Customers {
  const endings: Ending[] = []
  const over = new AbortController()
  const shop = async ({ token, path }: Customer, first: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true })
    for (let count = 0; !over.signal.aborted; count++) {
      const host = (first + count) % hosts.length
      const ending = await askOnce(`${hosts[host]?.url}/${token}/${REPOSITORY}/${path(count)}`, agent)
      endings.push({ host, token, endedAt: performance.now(), ...ending })
      if (ending.how !== '200') await pause(PAUSE_MS)
    }
    agent.destroy()
  }
  const all = Promise.all(customers.map(shop))
  return {
    endings,
    stop: async () => {
      over.abort()
      await all
    },
  }
}

async function askOnce(url: string, agent: Agent): Promise<Pick<Ending, 'how' | 'received'>> {
  const answer = await get(url, { agent }).catch(() => undefined)
  if (answer === undefined) return { how: 'no answer', received: 0 }
  if (answer.status !== 200) return { how: String(answer.status), received: 0 }
  return { how: answer.complete ? '200' : 'cut', received: answer.body.length }
}

/** Files that came whole. */
export function wholeOf(endings: readonly Ending[], { token }: GateToken): readonly Ending[] {
  return endings.filter((each) => each.token === token && each.how === '200')
}

/** Bytes of files that arrived, whole or not. */
export function bytesOf(endings: readonly Ending[], { token }: GateToken): number {
  return endings.reduce((sum, each) => (each.token === token ? sum + each.received : sum), 0)
}

/** How often each ending came. */
export function tallyOf(endings: readonly Ending[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { how } of endings) counts[how] = (counts[how] ?? 0) + 1
  return counts
}

/** Milliseconds from `since` until each host gave a file again. */
export function untilServed(
  hosts: readonly Gate[],
  endings: readonly Ending[],
  since: number,
): readonly number[] {
  return hosts.map((_, host) => {
    const next = endings.find((each) => each.host === host && each.how === '200' && each.endedAt > since)
    return Math.round((next?.endedAt ?? Infinity) - since)
  })
}
