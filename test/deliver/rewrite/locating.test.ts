import { expect, test } from 'vitest'
import { createBufferBody } from '../../../src/deliver/buffer-body.ts'
import type { Deliverer, DeliveryOrder } from '../../../src/deliver/contract.ts'
import { FORMAT_DELIVERIES } from '../../../src/deliver/formats.ts'
import { createLocatingDeliverer } from '../../../src/deliver/rewrite/locating.ts'
import { createRoom } from '../../../src/deliver/rewrite/room.ts'
import { refuse, type RefusalCode } from '../../../src/policy/refusal.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver, leavingClient, orderFor, refusalOf } from '../orders.ts'

const STORAGE = 'https://satis.example.com/root/'

/** A storage with these files; a refusal in place of a content is what it answers. */
function storageWith(files: Readonly<Record<string, unknown>>): {
  deliverer: Deliverer
  asked: DeliveryOrder[]
  failures: string[]
} {
  const [asked, failures]: [DeliveryOrder[], string[]] = [[], []]
  const inner: Deliverer = {
    open: async (request) => {
      asked.push(request)
      const file = files[request.artifact.path]
      if (file === undefined) return refuse('not_found')
      if (typeof file === 'object' && 'refusal' in (file as object))
        return refuse((file as { refusal: RefusalCode }).refusal)
      const content = Buffer.from(typeof file === 'string' ? file : JSON.stringify(file))
      const extent = { start: 0, end: content.length, size: content.length }
      return { ok: true, status: 200, headers: [], extent, body: createBufferBody(content, request.onGone) }
    },
    close: async () => undefined,
  }
  const locator = FORMAT_DELIVERIES.composer.createLocator?.(new URL(STORAGE))
  if (locator === undefined) throw new Error('composer finds nothing')
  const options = {
    limitBytes: 1_000_000,
    room: createRoom(1_000_000),
    onFailure: (error: Error): void => void failures.push(error.message),
  }
  return { deliverer: createLocatingDeliverer(inner, locator, options), asked, failures }
}

function order(path: string, more: Partial<DeliveryOrder> = {}): DeliveryOrder {
  return orderFor('', { artifact: FORMAT_RULES.composer.recognize(path), ...more })
}

function document(...versions: readonly (readonly [version: string, url: string])[]): object {
  const entries = versions.map(([version, url]) => ({
    version,
    dist: { type: 'zip', url, reference: 'ref' },
  }))
  return { packages: { 'acme/tool': entries } }
}

const ARCHIVE = '-/acme/tool/1.0.0/ref.zip'

test('fetches from where the document of the package says, as the client asked', async () => {
  const { deliverer, asked } = storageWith({
    'p2/acme/tool.json': document(['1.0.0', `${STORAGE}dist/a b.zip`], ['2.0.0', `${STORAGE}dist/2.zip`]),
    'dist/a b.zip': 'one',
    'dist/2.zip': 'two',
  })
  const headers = { range: 'bytes=0-1', 'accept-encoding': 'gzip' }
  expect((await deliver(deliverer, order(ARCHIVE, { headers }))).content.toString()).toBe('one')
  expect(asked.map(({ artifact, headers: sent }) => [artifact.path, sent])).toEqual([
    ['p2/acme/tool.json', { 'accept-encoding': 'identity' }],
    ['dist/a b.zip', headers],
  ])
})

test.each([
  ['dev-main', '-/acme/tool/dev-main/ref.zip'],
  ['dev-feature/x', '-/acme/tool/dev-feature/x/ref.zip'],
  ['1.x-dev', '-/acme/tool/1.x-dev/ref.zip'],
])('looks for the branch %s where branches are', async (version, path) => {
  const { deliverer } = storageWith({
    'p2/acme/tool~dev.json': document([version, `${STORAGE}branch.zip`]),
    'branch.zip': 'branch',
  })
  expect((await deliver(deliverer, order(path))).content.toString()).toBe('branch')
})

test('finds a package whose name the document writes with capital letters', async () => {
  const dist = { url: `${STORAGE}1.zip`, reference: 'ref' }
  const { deliverer } = storageWith({
    'p2/acme/tool.json': { packages: { 'Acme/Tool': [{ version: '1.0.0', dist }] } },
    '1.zip': 'one',
  })
  expect((await deliver(deliverer, order(ARCHIVE))).content.toString()).toBe('one')
})

test('looks into the root when there is no document, and into minified ones', async () => {
  const root = {
    packages: {
      'acme/tool': { '1.0.0': { version: '1.0.0', dist: { url: '/root/1.zip', reference: 'ref' } } },
    },
  }
  const { deliverer } = storageWith({ 'packages.json': root, '1.zip': 'one' })
  expect((await deliver(deliverer, order(ARCHIVE))).content.toString()).toBe('one')
  const minified = {
    minified: 'composer/2.0',
    packages: {
      'acme/tool': [
        { version: '2.0.0', dist: { url: `${STORAGE}both.zip`, reference: 'ref' } },
        { version: '1.0.0' },
      ],
    },
  }
  const both = storageWith({ 'p2/acme/tool.json': minified, 'both.zip': 'both' })
  expect((await deliver(both.deliverer, order(ARCHIVE))).content.toString()).toBe('both')
})

test('never takes another version, package or archive than the path names', async () => {
  const others = {
    packages: {
      'acme/tool': [
        { version: '1.0.0', dist: { url: `${STORAGE}new.zip`, reference: 'other' } },
        { version: '2.0.0', dist: { url: `${STORAGE}2.zip`, reference: 'ref' } },
      ],
      'acme/other': [{ version: '1.0.0', dist: { url: `${STORAGE}other.zip`, reference: 'ref' } }],
    },
  }
  const { deliverer } = storageWith({
    'p2/acme/tool.json': others,
    'new.zip': 'x',
    '2.zip': 'x',
    'other.zip': 'x',
  })
  expect(await refusalOf(deliverer, order(ARCHIVE))).toBe('not_found')
})

test('asks the storage nothing else, and nothing on another host', async () => {
  const { deliverer, asked } = storageWith({
    'p2/acme/tool.json': document(['1.0.0', 'https://cdn.example.net/files/1.zip']),
    'x.zip': 'x',
  })
  expect(await refusalOf(deliverer, order(ARCHIVE))).toBe('not_found')
  expect(asked.at(-1)?.artifact.path).toBe('files/1.zip')
  expect((await deliver(deliverer, order('x.zip'))).content.toString()).toBe('x')
})

test('passes failures on, and tells of documents that can not be read', async () => {
  const failing = storageWith({ 'p2/acme/tool.json': { refusal: 'upstream_timeout' } })
  expect(await refusalOf(failing.deliverer, order(ARCHIVE))).toBe('upstream_timeout')
  const broken = storageWith({ 'p2/acme/tool.json': '{"packages":' })
  expect(await refusalOf(broken.deliverer, order(ARCHIVE))).toBe('upstream_failed')
  expect(broken.failures).toEqual([expect.stringContaining('no JSON')])
  const large = storageWith({ 'p2/acme/tool.json': 'x'.repeat(1_000_001) })
  expect(await refusalOf(large.deliverer, order(ARCHIVE))).toBe('upstream_failed')
  expect(large.failures).toEqual([expect.stringContaining('too much')])
})

test('stops when the client is gone', async () => {
  const { onGone, leave } = leavingClient()
  leave()
  const { deliverer } = storageWith({ 'p2/acme/tool.json': document(['1.0.0', `${STORAGE}1.zip`]) })
  expect(await refusalOf(deliverer, order(ARCHIVE, { onGone }))).toBe('upstream_failed')
})
