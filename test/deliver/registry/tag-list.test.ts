import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { knownQuery, readNextQuery, readTags } from '../../../src/deliver/registry/tags.ts'
import { imageOf, layerOf } from '../../support/image.ts'
import { deliver, refusalOf } from '../orders.ts'
import { imageOrder, limitedOrder, startRig, type Rig } from './rig.ts'

const IMAGE = imageOf({ layers: [layerOf('x', 100)] })
const SIGNATURE = `${IMAGE.descriptor.digest.replace(':', '-')}.sig`

async function startFilled(...tags: readonly string[]): Promise<Rig> {
  const rig = await startRig()
  rig.server.put('team/deep/tool', IMAGE, ...tags)
  return rig
}

test('a list of tags has the name of the image as the client knows it', async () => {
  await using rig = await startFilled('1.0', '2.0')
  const { content, header } = await deliver(rig.deliverer, imageOrder('deep/tool/tags/list'))
  expect(JSON.parse(content.toString())).toEqual({ name: 'acme/docker/deep/tool', tags: ['1.0', '2.0'] })
  expect(header('content-type')).toBe('application/json')
  expect(header('content-length')).toBe(String(content.length))
  expect(header('link')).toBeUndefined()
})

test('on a host that implies the repository the name is that of the image alone', async () => {
  await using rig = await startFilled('1.0')
  const order = imageOrder('deep/tool/tags/list', { baseUrl: 'https://images.example.com/v2/' })
  const { content } = await deliver(rig.deliverer, order)
  expect(JSON.parse(content.toString())).toMatchObject({ name: 'deep/tool' })
})

test('its next page lies at the gate', async () => {
  await using rig = await startFilled('1.0', '1.1', '2.0')
  rig.server.behavior.pageSize = 2
  const order = imageOrder('deep/tool/tags/list', { query: 'n=2&ns=docker.io' })
  const first = await deliver(rig.deliverer, order)
  expect(rig.server.asked()).toEqual(['GET /v2/team/deep/tool/tags/list?n=2'])
  expect(first.header('link')).toBe('</v2/acme/docker/deep/tool/tags/list?last=1.1&n=2>; rel="next"')
  const second = await deliver(rig.deliverer, { ...order, query: 'last=1.1&n=2' })
  expect(JSON.parse(second.content.toString())).toMatchObject({ tags: ['2.0'] })
  expect(second.header('link')).toBeUndefined()
})

test('names only what the client may fetch, though a page becomes empty', async () => {
  await using rig = await startFilled('1.0', '1.1', '2.0', SIGNATURE)
  const limited = await deliver(rig.deliverer, limitedOrder('deep/tool/tags/list', /^1/))
  expect(JSON.parse(limited.content.toString())).toMatchObject({ tags: ['1.0', '1.1'] })
  rig.server.behavior.pageSize = 2
  const page = await deliver(rig.deliverer, limitedOrder('deep/tool/tags/list', /^2/))
  expect(JSON.parse(page.content.toString())).toMatchObject({ tags: [] })
  expect(page.header('link')).toContain('last=1.1')
  rig.server.behavior.pageSize = 10
  const whole = await deliver(rig.deliverer, imageOrder('deep/tool/tags/list'))
  expect(JSON.parse(whole.content.toString())).toMatchObject({ tags: ['1.0', '1.1', '2.0', SIGNATURE] })
})

test('answers HEAD as GET, without the body', async () => {
  await using rig = await startFilled('1.0')
  const order = imageOrder('deep/tool/tags/list')
  const { header } = await deliver(rig.deliverer, order)
  const head = await deliver(rig.deliverer, { ...order, method: 'HEAD' })
  expect(head).toMatchObject({ status: 200, body: null })
  expect(head.header('content-length')).toBe(header('content-length'))
})

test('is refused where the storage has no such image, or gives no list', async () => {
  await using rig = await startFilled('1.0')
  expect(await refusalOf(rig.deliverer, imageOrder('nothing/tags/list'))).toBe('not_found')
  rig.server.behavior.fails = 503
  expect(await refusalOf(rig.deliverer, imageOrder('deep/tool/tags/list'))).toBe('upstream_failed')
})

test.each([
  ['{"name":"x","tags":["a","b"]}', ['a', 'b']],
  ['{"name":"x","tags":null}', []],
  ['{"name":"x"}', []],
  ['{"tags":["a",7]}', undefined],
  ['{"tags":"a"}', undefined],
  ['["a"]', undefined],
  ['<html>', undefined],
])('the tags of %s are %j', (text, tags) => {
  expect(readTags(Buffer.from(text))).toEqual(tags)
})

test.each([
  ['</v2/x/tags/list?last=b&n=2>; rel="next"', 'last=b&n=2'],
  ['<https://storage.example.com/v2/x/tags/list?next_page=abc%3D&n=5>; rel=next', 'next_page=abc%3D&n=5'],
  ['</a?n=1>; rel="prev", </b?n=2>; title="x"; rel="next"', 'n=2'],
  ['</v2/x/tags/list?secret=1>; rel="next"', undefined],
  ['</v2/x/tags/list>; rel="next"', undefined],
  ['</v2/x/tags/list?n=1>', undefined],
  ['nonsense', undefined],
  [undefined, undefined],
])('the query of the next page of %j is %j', (link, query) => {
  expect(readNextQuery(link)).toBe(query)
})

test('of any query and any header, nothing but known words in safe characters is passed on', () => {
  const safe = /^(?:(?:n|last|next_page|artifactType)=[A-Za-z0-9*._%+-]*(?:&|$))*$/
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(knownQuery(`n=${text}&last=${text}&${text}`)).toMatch(safe)
      expect(readNextQuery(`<${text}?${text}>; rel="next"`) ?? '').toMatch(safe)
    }),
  )
})
