import { readFileSync } from 'node:fs'
import type { Gate } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'

/** Pids of the worker processes of a gate, as the kernel knows them. */
export function workersOf({ pid }: Pick<Gate, 'pid'>): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return children.trim().split(' ').filter(Boolean).map(Number)
}

/** True as long as the process runs; one that ended and was not waited for by its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** The values of `/metrics`, by name and labels as they stand there. */
export async function readFigures({
  adminUrl,
}: Pick<Gate, 'adminUrl'>): Promise<ReadonlyMap<string, number>> {
  const body = await (await fetch(`${adminUrl}/metrics`)).text()
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
}

/** Several processes start, on a machine that is busy with other tests. */
const START_MS = 120_000

/** Resolves when all workers that there should be serve. */
export async function waitForAll(gate: Gate): Promise<void> {
  const isComplete = async (): Promise<boolean> => {
    const figures = await readFigures(gate)
    return figures.get('postern_workers_serving') === figures.get('postern_workers_wanted')
  }
  await waitFor(isComplete, { what: 'all workers to serve', timeoutMs: START_MS })
}

/** Workers that wrote a line of the log that has `text` in it. */
export function workersWhoLogged(gate: Gate, text: string): Set<number> {
  const lines = gate
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes(text))
  return new Set(lines.map((line) => (JSON.parse(line) as { readonly worker: number }).worker))
}
