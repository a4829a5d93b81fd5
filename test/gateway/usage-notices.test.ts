import { compileToken } from '../policy/records.ts'
import { afterEach, expect, test } from 'vitest'
import { createUsageNotices, type UsageNotices } from '../../src/gateway/usage-notices.ts'
import { TOKEN_DEFAULTS } from '../../src/policy/token-defaults.ts'
import type { Token, TokenFields } from '../../src/policy/types.ts'
import type { Reservation } from '../../src/store/contract.ts'
import type { EventRecord } from '../../src/store/contract/events.ts'

const NOW = Date.UTC(2030, 0, 1)
let notices: UsageNotices | undefined
let told: EventRecord[] = []
let isDown = false
afterEach(async () => {
  isDown = false
  await notices?.close()
})

function start(): UsageNotices {
  told = []
  notices = createUsageNotices({
    events: {
      add: async (events) => {
        if (isDown) throw new Error('down')
        told.push(...events)
        return []
      },
    },
    flushMs: 3_600_000,
    maxTokens: 2,
    onFailure: () => undefined,
  })
  return notices
}

function newToken(fields: Partial<TokenFields>, slugPerm = 'T1'): Token {
  const record = {
    ...TOKEN_DEFAULTS,
    slugPerm,
    owner: 'acme',
    repo: 'deb',
    name: 'Customer',
    createdAt: 0,
    createdBy: 'ada',
  }
  return compileToken({ ...record, ...fields }, { digest: 'd', validUntil: null })
}

function charge(fields: Partial<Reservation>): Reservation {
  return {
    granted: true,
    id: 'r',
    token: 'T1',
    client: 'c',
    artifact: 'a',
    epoch: 0,
    charged: 1,
    reservedBytes: 0,
    downloads: 1,
    clients: 1,
    bytes: 0,
    ...fields,
  }
}

async function toldBy(run: (notices: UsageNotices) => void): Promise<(readonly [string, string])[]> {
  const started = start()
  run(started)
  await started.flush()
  return told.map(({ type, id }) => [type, id])
}

test('four fifths and the whole of a limit are told when they are crossed, not before and not after', async () => {
  const token = newToken({ limitDownloads: 10 })
  const events = await toldBy(({ note }) => {
    for (let downloads = 1; downloads <= 10; downloads++) note(token, charge({ downloads }), true, NOW)
  })
  expect(events).toEqual([
    ['limit.warning', 'limit:T1:0:downloads:10:80'],
    ['limit.reached', 'limit:T1:0:downloads:10:100'],
  ])
})

test('a charge of nothing crosses nothing', async () => {
  const token = newToken({ limitDownloads: 10 })
  expect(await toldBy(({ note }) => note(token, charge({ downloads: 10, charged: 0 }), true, NOW))).toEqual(
    [],
  )
})

test('a charge that crosses both tells of the limit', async () => {
  const token = newToken({ limitBandwidth: 100 })
  const events = await toldBy(({ note }) =>
    note(token, charge({ bytes: 100, reservedBytes: 100 }), true, NOW),
  )
  expect(events).toEqual([['limit.reached', 'limit:T1:0:bandwidth:100:100']])
})

test('a reservation of all that is left for a file of unknown size is no news', async () => {
  const token = newToken({ limitBandwidth: 100 })
  expect(
    await toldBy(({ note }) => note(token, charge({ bytes: 100, reservedBytes: 90 }), false, NOW)),
  ).toEqual([])
})

test('more clients than this process saw before are told of, with their limit', async () => {
  const token = newToken({ limitClients: 2 })
  const events = await toldBy(({ note }) => {
    for (const clients of [1, 1, 2, 1, 2]) note(token, charge({ clients }), true, NOW)
  })
  expect(events).toEqual([
    ['client.new', 'client:T1:0:2'],
    ['limit.reached', 'limit:T1:0:clients:2:100'],
  ])
})

test('a new counting period counts clients anew, and its first charge is no comparison', async () => {
  const token = newToken({})
  const events = await toldBy(({ note }) => {
    note(token, charge({ clients: 5 }), true, NOW)
    note(token, charge({ epoch: 1, clients: 1 }), true, NOW)
    note(token, charge({ epoch: 1, clients: 2 }), true, NOW)
  })
  expect(events).toEqual([['client.new', 'client:T1:1:2']])
})

test('only so many tokens are remembered', async () => {
  const events = await toldBy(({ note }) => {
    for (const id of ['A', 'B', 'C']) note(newToken({}, id), charge({ clients: 1 }), true, NOW)
    note(newToken({}, 'A'), charge({ clients: 2 }), true, NOW)
    note(newToken({}, 'C'), charge({ clients: 2 }), true, NOW)
  })
  expect(events).toEqual([['client.new', 'client:C:0:2']])
})

test('a token without limits costs no event, and a store that is down no request', async () => {
  isDown = true
  const token = newToken({ limitDownloads: 1 })
  expect(await toldBy(({ note }) => note(token, charge({}), true, NOW))).toEqual([])
})
