import { expect, test } from 'vitest'
import { createGather, type GatherOptions } from '../../../src/gateway/page/gather.ts'
import { createBrand } from '../../../src/gateway/page/settings.ts'
import type { Served } from '../../../src/gateway/routes.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { compileToken, newRecord } from '../../policy/records.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 5, 15, 12)
const TOKEN = compileToken(newRecord({}))

/** A repository of which nothing but what pages need is there. */
function servedAs(namesPackages: boolean): Served {
  const brand = createBrand({ name: undefined, logo: undefined, contact: undefined, color: undefined })
  return {
    repository: { owner: 'acme', repo: 'deb', format: 'deb', public: false },
    rules: FORMAT_RULES.deb,
    about: { isShown: true, brand, showsPackages: namesPackages },
    listFiles: undefined,
  } as unknown as Served
}

function gathering(fields: Partial<GatherOptions> = {}) {
  const asked: string[] = []
  const clock = { now: NOW }
  const gather = createGather({
    usage: {
      read: async (queries) => {
        asked.push('usage')
        return queries.map(() => ({
          epoch: 1,
          downloads: 3,
          clients: 1,
          bytes: 5,
          lastUsedAt: null,
          resetAt: null,
        }))
      },
    },
    history: {
      usage: async ({ from }) => {
        asked.push('history')
        return [{ start: from + 28 * DAY_MS, downloads: 2, bytes: 9, refusals: {}, clients: '' }]
      },
      packages: async () => ({ total: 0, packages: [] }),
    },
    isRecorded: () => true,
    clock: () => clock.now,
    ...fields,
  })
  return { gather, asked, clock }
}

test('thirty days end with today, those without use among them', async () => {
  const { days = [] } = await gathering().gather(servedAs(false), TOKEN)
  expect(days).toHaveLength(30)
  expect(days.at(-1)).toEqual({ start: Date.UTC(2026, 5, 15), downloads: 0, bytes: 0 })
  expect(days.at(-2)).toEqual({ start: Date.UTC(2026, 5, 14), downloads: 2, bytes: 9 })
})

test('whoever asks within two seconds is told what was found then, and the store is asked once', async () => {
  const { gather, asked, clock } = gathering()
  const served = servedAs(false)
  await Promise.all(Array.from({ length: 50 }, () => gather(served, TOKEN)))
  clock.now += 1_999
  await gather(served, TOKEN)
  expect(asked).toEqual(['usage', 'history'])
  clock.now += 1
  await gather(served, TOKEN)
  expect(asked).toHaveLength(4)
})

test('a store that does not answer leaves out what it would have told, and nothing else', async () => {
  const fail = (): Promise<never> => Promise.reject(new Error('the store is away'))
  const { gather } = gathering({ usage: { read: fail }, history: { usage: fail, packages: fail } })
  const gathered = await gather(servedAs(true), TOKEN)
  expect(gathered).toEqual({ usage: undefined, days: undefined, packages: undefined })
})

test('nothing is asked that is not to be told', async () => {
  const { gather, asked } = gathering({ isRecorded: () => false })
  expect(await gather(servedAs(false), undefined)).toEqual({
    usage: undefined,
    days: undefined,
    packages: undefined,
  })
  expect(asked).toEqual([])
})

test('what fails while something slower is awaited is left out, and ends no process', async () => {
  const slow = Promise.withResolvers<[]>()
  const unheard: unknown[] = []
  const listen = (error: unknown): void => void unheard.push(error)
  process.on('unhandledRejection', listen)
  try {
    const { gather } = gathering({
      usage: { read: () => slow.promise },
      history: {
        usage: () => Promise.reject(new Error('no history')),
        packages: () => Promise.reject(new Error('no history')),
      },
    })
    const gathered = gather(servedAs(true), TOKEN)
    // Rejections that nobody hears of are told of before the next turn of the loop.
    await new Promise((resolve) => setImmediate(resolve))
    slow.resolve([])
    expect(await gathered).toEqual({ usage: undefined, days: undefined, packages: undefined })
    expect(unheard).toEqual([])
  } finally {
    process.off('unhandledRejection', listen)
  }
})
