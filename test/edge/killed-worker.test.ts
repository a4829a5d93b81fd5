import { expect, test } from 'vitest'
import { readFigures, workersOf } from '../gateway/crew.ts'
import { waitFor } from '../support/processes.ts'
import { startRedis } from '../support/redis.ts'
import { get, type Answer } from '../support/requests.ts'
import { FILES, idOf, startAskedGate, TOLD, TOOL, type Asked } from './asking.ts'

const WITHIN_MS = 60_000
const ONE_AT_ONCE = { limit_concurrency: 1 }

/** A token of its own, and the way in which a proxy hears what to do for it. */
interface Customer {
  readonly ask: () => Promise<Answer>
}

async function customers(asked: Asked): Promise<readonly Customer[]> {
  const [byRequest, byAnswer] = [
    await asked.gate().createToken(FILES, ONE_AT_ONCE),
    await asked.gate().createToken(TOLD, ONE_AT_ONCE),
  ]
  const url = `${asked.gate().url}/${byAnswer.token}/${TOLD}/${TOOL}`
  return [
    { ask: () => asked.ask(byRequest.token) },
    { ask: () => get(url, { headers: { 'X-Forwarded-For': '192.0.2.7' } }) },
  ]
}

/** What became of the file, or why nothing did. */
function outcomeOf({ status, headers }: Answer): string {
  if (status === 200) return 'x-postern-delivery' in headers ? 'handed over' : 'sent by the gate'
  return String(headers['x-postern-refusal'] ?? headers['x-error-code'])
}

async function askUntilGiven(ask: Customer['ask']): Promise<Answer> {
  const answers: Answer[] = []
  const isGiven = async (): Promise<boolean> => {
    // Nobody may listen yet.
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined) answers.push(answer)
    return answer !== undefined && outcomeOf(answer) === 'handed over'
  }
  await waitFor(isGiven, { timeoutMs: WITHIN_MS, what: 'the place to be free' })
  const [given] = answers.slice(-1)
  if (given === undefined) throw new Error('nothing was answered')
  return given
}

async function killWorkers(asked: Asked): Promise<void> {
  const before = workersOf(asked.gate())
  for (const pid of before) process.kill(pid, 'SIGKILL')
  const areReplaced = (): boolean => {
    const now = workersOf(asked.gate())
    return now.length === before.length && now.every((pid) => !before.includes(pid))
  }
  await waitFor(areReplaced, { what: 'new workers', timeoutMs: WITHIN_MS })
}

async function tellAndWait(asked: Asked, ids: readonly string[], settled: number): Promise<void> {
  await asked.tell(...ids.map((postern) => ({ postern, status: 200, bytes: 1_000 })))
  await waitFor(
    async () =>
      (await readFigures(asked.gate())).get('postern_offloads_settled_total{way="proxy"}') === settled,
    { what: 'the lines to be settled' },
  )
}

test.concurrent.each(['sqlite', 'redis'])(
  'the place of a delivery that a killed worker handed over is free within a minute, and is lent once (%s)',
  async (kind) => {
    await using redis = kind === 'redis' ? await startRedis() : undefined
    await using asked = await startAskedGate({
      workers: 2,
      ...(redis && {
        store: `redis://127.0.0.1:${redis.port}`,
        secret_key: 'a key that outlives the process 0123456789',
      }),
    })
    const all = await customers(asked)
    const askAll = (): Promise<readonly Answer[]> => Promise.all(all.map(({ ask }) => ask()))
    const outcomes = async (): Promise<readonly string[]> => (await askAll()).map(outcomeOf)

    const first = await askAll()
    expect(first.map(outcomeOf)).toEqual(['handed over', 'handed over'])
    expect(await outcomes()).toEqual(['concurrency_exceeded', 'concurrency_exceeded'])
    await killWorkers(asked)

    // Nobody tells how the first ones ended, and no request but these touches the token.
    const freed = await Promise.all(all.map(({ ask }) => askUntilGiven(ask)))
    expect(await outcomes()).toEqual(['concurrency_exceeded', 'concurrency_exceeded'])

    // The lines come after all, and end no delivery but their own.
    await tellAndWait(asked, first.map(idOf), 2)
    expect(await outcomes()).toEqual(['concurrency_exceeded', 'concurrency_exceeded'])
    await tellAndWait(asked, freed.map(idOf), 4)
    expect(await outcomes()).toEqual(['handed over', 'handed over'])
  },
  180_000,
)
