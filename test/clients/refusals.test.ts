import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENTS } from './refusals/clients.ts'
import { readDocument, readLockTable } from './refusals/document.ts'
import { observeClient, observeLock } from './refusals/observe.ts'
import { startScene, type Scene } from './refusals/scene.ts'

/** Each is refused for six reasons; Maven takes some seconds for each. */
const PATIENCE_MS = 180_000
/** dnf asks four times at once, Bundler four times for each of two lists. */
const MOST_REQUESTS = 16

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene?.[Symbol.asyncDispose]())

/** What a client prints when the storage is down depends on whether the gate has its index in memory still: two seconds. */
function isLasting(line: string): boolean {
  return !line.startsWith('storage down')
}

describe.concurrent('a refused client', { timeout: PATIENCE_MS }, () => {
  // gem, having printed why, was seen not to end for a minute on a busy machine; ruby.test.ts has its refusals.
  const ending = CLIENTS.filter(({ name }) => name !== 'gem')
  test.for(ending.map((client) => [client.name, client] as const))(
    '%s fails, gives up, tells what docs/refusals.md says, and works when it may again',
    async ([name, client]) => {
      const { observed, afterwards } = await observeClient(client, scene)
      const odd = observed.filter(({ code, requests }) => code === 0 || requests > MOST_REQUESTS)
      expect(odd).toEqual([])
      expect(afterwards.filter(([, failure]) => failure !== '')).toEqual([])
      const told = observed.map(({ title, form, shown }) => `${title}, ${form}: ${shown}`)
      expect(told.filter(isLasting)).toEqual(readDocument(name).filter(isLasting))
    },
  )
})

// Not beside the others: they take the storage away.
describe('a lock file', { timeout: PATIENCE_MS }, () => {
  const rows = readLockTable()

  test('is told of for each client that writes one', () => {
    expect(rows.map(({ name }) => name)).toEqual(['npm', 'Bundler', 'Composer', 'go', 'Maven'])
  })

  test.concurrent.for(
    rows.flatMap((row) => row.cells.map((cell) => [row.name, cell.form, cell.holds] as const)),
  )(
    'of %s, with the secret in the form "%s", holds what docs/clients.md says: %s',
    async ([name, form, holds]) => {
      const client = CLIENTS.find((each) => each.name === name)
      expect(client && (await observeLock(client, scene, form))).toBe(holds)
    },
  )
})
