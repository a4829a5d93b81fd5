import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDeliveryIds, type HandedOver } from '../../../src/gateway/offload/delivery-id.ts'

const sign = (text: string): string => createHmac('sha256', 'key').update(text).digest('base64url')
const ids = createDeliveryIds(sign)
const DELIVERY: HandedOver = {
  nonce: 'maker-1',
  at: 1_700_000_000_000,
  method: 'GET',
  client: '192.0.2.7',
  entrance: 'path',
  repository: 'acme/stable',
  token: { slugPerm: 'T', name: 'a name with ü', owner: 'acme', repo: 'stable' },
  charged: 1,
  path: 'pool/ü_1.0.deb',
  extent: { start: 0, end: 5, size: 5 },
  isDownload: true,
  reservation: {
    id: 'r',
    token: 'T',
    client: '192.0.2.7',
    artifact: 'acme/stable/pool/ü_1.0.deb',
    epoch: 3,
    reservedBytes: 5,
  },
  periodStart: null,
}

test('an id is the delivery', () => {
  expect(ids.write(DELIVERY)).toMatch(/^[\w-]+\.[\w-]+$/)
  expect(ids.read(ids.write(DELIVERY))).toEqual(DELIVERY)
})

test('an id of another key, or one that was changed, is none', () => {
  const id = ids.write(DELIVERY)
  expect(createDeliveryIds((text) => sign(`other ${text}`)).read(id)).toBeUndefined()
  fc.assert(
    fc.property(fc.nat({ max: id.length - 1 }), fc.constantFrom(...'aB7_-.'), (at, letter) => {
      fc.pre(id[at] !== letter)
      expect(ids.read(id.slice(0, at) + letter + id.slice(at + 1))).toBeUndefined()
    }),
  )
})

test.each(['', '.', 'x', 'x.', '.x', 'a.b.c', 'x'.repeat(100_000)])('%s is no id', (id) => {
  expect(ids.read(id)).toBeUndefined()
})
