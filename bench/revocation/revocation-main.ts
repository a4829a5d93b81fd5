import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { startGate, type Gate, type GateToken } from '../../test/support/gate.ts'
import { temporaryDirectory } from '../../test/support/processes.ts'
import { get } from '../../test/support/requests.ts'
import { describeMachine } from '../machine.ts'
import { openEmpty, STORES, type StoreName } from '../tokens/filled.ts'
import { atShare, renderTable, short } from '../words.ts'

/**
 * How soon every worker refuses a token that was switched off: `node bench/revocation/revocation-main.ts [times]`. Two servers with two workers
 * each share a store; clients of all of them ask without a pause, before, meanwhile and after.
 */
const TIMES = Number(process.argv[2] ?? 200)
/** To each server. Connections are dealt out by the kernel: that a worker gets none of them happens once in 30,000 runs. */
const CONNECTIONS = 16
const WORKERS = 2
const REPOSITORY = 'acme/files'
const PROMISED_MS = 100

const rows: string[][] = []
for (const store of STORES) rows.push(await measure(store))
console.log(`${TIMES} times each; ${describeMachine()}; load average ${loadavg()[0]?.toFixed(1)}\n`)
const head = ['refused by all workers after, ms', 'p50', 'p95', 'p99', 'most', `p99 ≤ ${PROMISED_MS}`]
console.log(renderTable(head, rows))

async function measure(store: StoreName): Promise<string[]> {
  await using own = new AsyncDisposableStack()
  const files = own.use(await temporaryDirectory('bench-files'))
  await writeFile(join(files.path, 'small.txt'), 'x'.repeat(1_000))
  const { url } = await openEmpty(store, own)
  const config = {
    repositories: { [REPOSITORY]: { format: 'raw', upstream: `file:${files.path}/` } },
    store: url,
    secret_key: randomBytes(32).toString('hex'),
    workers: WORKERS,
    log: { access: false },
  } as const
  const gates = [own.use(await startGate({ config })), own.use(await startGate({ config }))] as const
  const times: number[] = []
  for (let time = 0; time < TIMES; time++) times.push(await revokeOnce(gates))
  times.sort((a, b) => a - b)
  const shown = [0.5, 0.95, 0.99, 1].map((share) => short(atShare(times, share)))
  return [store, ...shown, atShare(times, 0.99) <= PROMISED_MS ? 'yes' : '**no**']
}

/** From the answer of the management API to the first refusal on the last of all connections. ms. */
async function revokeOnce(gates: readonly [Gate, ...Gate[]]): Promise<number> {
  const [first] = gates
  const token = await first.createToken(REPOSITORY, { limit_num_downloads: 1_000_000 })
  const clients = gates.flatMap((gate) =>
    Array.from({ length: CONNECTIONS }, () => askUntilRefused(gate, token)),
  )
  await Promise.all(clients.map(({ served }) => served))
  await first.admin('PATCH', `/entitlements/${REPOSITORY}/${token.slug_perm}/`, { is_active: false })
  const answered = performance.now()
  const refused = await Promise.all(clients.map((client) => client.refused))
  return Math.max(0, ...refused.map((at) => at - answered))
}

/** One connection of a client. `served`: it had its first file; `refused`: when it was first refused. */
function askUntilRefused(
  gate: Gate,
  { token }: GateToken,
): { readonly served: Promise<void>; readonly refused: Promise<number> } {
  const { promise: served, resolve } = Promise.withResolvers<void>()
  const ask = async (): Promise<number> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    try {
      for (;;) {
        const { status } = await get(`${gate.url}/${token}/${REPOSITORY}/small.txt`, { agent })
        if (status === 403) return performance.now()
        if (status !== 200) throw new Error(`It was answered with ${status}`)
        resolve()
      }
    } finally {
      agent.destroy()
    }
  }
  return { served, refused: ask() }
}
