import { randomBytes, randomInt } from 'node:crypto'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { startGate, type Gate } from '../../test/support/gate.ts'
import { cpuMs, describeMachine, machineCpuMs } from '../machine.ts'
import type { Options } from '../options.ts'
import { fill, openEmpty, STORES, type StoreName } from '../tokens/filled.ts'
import { atShare, percent, renderTable, say, short } from '../words.ts'
import { OWNER, REPO } from './customers.ts'
import { KINDS, type Kind, type ManagementCall } from './kinds.ts'

/** What docs/search.md promises. */
const PROMISED_MS = 50
/** Calls under way at once: so many people. */
const CONNECTIONS = 2
const FILL = fileURLToPath(new URL('fill-main.ts', import.meta.url))

interface Row {
  readonly kind: Kind
  /** Sorted, ms. */
  readonly times: readonly number[]
  /** CPU time of the server and what it needs, for each call, ms. */
  readonly cpu: number
  /** What an answer said of how many there are. */
  readonly count: string
  /** Answers that the store did not come in time: 503. */
  readonly late: number
}

/** Fills each store with tokens, and measures how long lists, searches and changes take over HTTP, through the real server. */
export async function measureManagement(
  { pace, isWanted }: Options,
  started: AsyncDisposableStack,
): Promise<void> {
  const tokens = Math.max(...pace.tokens)
  for (const store of STORES) {
    const kinds = KINDS.filter(({ name }) => isWanted(`Management ${store}`, name))
    if (kinds.length === 0) continue
    const own = started.use(new AsyncDisposableStack())
    const { gate, helpers } = await startFilled(store, tokens, own)
    const before = { machine: machineCpuMs(), own: ownMs([gate.pid, ...helpers]), at: performance.now() }
    const rows: Row[] = []
    for (const kind of kinds) {
      const cpuBefore = ownMs([gate.pid, ...helpers], false)
      const measured = await measureKind(gate, kind, tokens, pace.managementCalls)
      const cpu = (ownMs([gate.pid, ...helpers], false) - cpuBefore) / measured.times.length
      rows.push({ ...measured, cpu })
      say(`${store}, ${kind.name}: ${short(atShare(rows.at(-1)?.times ?? [], 0.95))} ms at p95`)
    }
    const others = machineCpuMs() - before.machine - (ownMs([gate.pid, ...helpers]) - before.own)
    report(store, tokens, rows, others / (performance.now() - before.at))
    await own.disposeAsync()
  }
}

async function startFilled(store: StoreName, tokens: number, own: AsyncDisposableStack) {
  const { url, helpers } = await openEmpty(store, own)
  const secretKey = randomBytes(32).toString('hex')
  const began = performance.now()
  say(`filling ${store} with ${tokens} tokens`)
  await fill(FILL, [url, secretKey, String(tokens)])
  say(`that took ${Math.round((performance.now() - began) / 1000)} s`)
  const repository = { format: 'deb', upstream: 'http://127.0.0.1:9' } as const
  const config = { repositories: { [`${OWNER}/${REPO}`]: repository }, store: url, secret_key: secretKey }
  const gate = own.use(await startGate({ config }))
  return { gate, helpers }
}

function ownMs(pids: readonly number[], withThis = true): number {
  return [...pids, ...(withThis ? [process.pid] : [])].reduce((sum, pid) => sum + cpuMs(pid), 0)
}

/** Calls of one kind, by some people one after the other. Any answer but a success, or that the store was late, ends the run. */
async function measureKind(gate: Gate, kind: Kind, tokens: number, calls: number): Promise<Omit<Row, 'cpu'>> {
  const times: number[] = []
  let [count, late, next] = ['', 0, 0]
  const work = async (): Promise<void> => {
    for (let at = next++; at < calls; at = next++) {
      const call = kind.make((below) => randomInt(below), tokens, at)
      const began = performance.now()
      const found = await make(gate, call)
      if (found === undefined) late++
      else count = found
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
  return { kind, times: times.toSorted((a, b) => a - b), count, late }
}

/** undefined: the store was late. */
async function make(
  { adminUrl, adminKey }: Gate,
  { method, path, body }: ManagementCall,
): Promise<string | undefined> {
  const response = await fetch(adminUrl + path, {
    method,
    headers: { 'X-Api-Key': adminKey, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (response.status === 503) return undefined
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`)
  const { headers } = response
  const most = headers.get('x-pagination-count-is') === null ? '' : '≤ '
  return `${most}${Number(headers.get('x-pagination-count') ?? 1).toLocaleString('en')}`
}

function report(store: StoreName, tokens: number, rows: readonly Row[], others: number): void {
  const heads = ['call', 'found', 'CPU', 'p50', 'p95', 'p99', 'most', 'late', `≤ ${PROMISED_MS} ms`]
  const lines = rows.map(({ kind, times, count, cpu, late }) => {
    const isKept = atShare(times, 0.95) <= PROMISED_MS
    const kept = kind.promised ? (isKept ? 'yes' : '**no**') : '–'
    return [
      kind.name,
      count,
      short(cpu),
      ...[0.5, 0.95, 0.99, 1].map((share) => short(atShare(times, share))),
      String(late),
      kept,
    ]
  })
  const noise = `other processes used ${percent(others)} of a core; load average ${loadavg()[0]?.toFixed(1)}`
  console.log(`### Management, ${store}, ${tokens.toLocaleString('en')} tokens\n`)
  console.log(
    `${describeMachine()}; ${CONNECTIONS} calls at once, times, and CPU of the server for each call, in ms; ${noise}.\n`,
  )
  console.log(`${renderTable(heads, lines)}\n`)
}
