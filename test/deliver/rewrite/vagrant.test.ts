import { expect, test } from 'vitest'
import type { DeliveryOrder } from '../../../src/deliver/contract.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver, orderFor, refusalOf } from '../orders.ts'
import { fixedStorage } from './documents.ts'
import { rewritingOf } from './rewriter-of.ts'

const STORAGE = 'https://boxes.example.com/root/'
const GATE = 'https://dl.example.com/SECRET/acme/boxes/'

function order(versions?: readonly string[]): DeliveryOrder {
  const { recognize } = FORMAT_RULES.vagrant
  const includes = versions && ((asked: string) => versions.includes(recognize(asked).version ?? ''))
  return orderFor('', { artifact: recognize('acme/debian.json'), includes, baseUrl: GATE })
}

function rewriting(content: string): ReturnType<typeof rewritingOf> {
  return rewritingOf('vagrant', fixedStorage(content).deliverer, STORAGE, { onFailure: () => undefined })
}

async function given(content: string, asked: DeliveryOrder): Promise<unknown> {
  return JSON.parse((await deliver(rewriting(content), asked)).content.toString())
}

function metadata(base: string, ...versions: readonly string[]): object {
  const providers = (version: string): object[] =>
    ['virtualbox', 'libvirt'].map((name) => ({
      name,
      url: `${base}acme/debian/${version}/${name}.box`,
      checksum: 'ab',
      checksum_type: 'sha256',
    }))
  return {
    name: 'acme/debian',
    versions: versions.map((version) => ({ version, providers: providers(version) })),
  }
}

const WHOLE = JSON.stringify(metadata(STORAGE, '1.0.0', '2.0.0'), null, 2)

test('the metadata of a box names files below the way in', async () => {
  expect(await given(WHOLE, order())).toEqual(metadata(GATE, '1.0.0', '2.0.0'))
})

test('it names only versions that the client may fetch, and is refused when none is left', async () => {
  expect(await given(WHOLE, order(['1.0.0']))).toEqual(metadata(GATE, '1.0.0'))
  expect(await given(WHOLE, order(['2.0.0']))).toEqual(metadata(GATE, '2.0.0'))
  expect(await refusalOf(rewriting(WHOLE), order(['3.0.0']))).toBe('package_not_covered')
})

test('it leads nobody past the gate: files that are not on the web are left out', async () => {
  const odd = WHOLE.replace(`${STORAGE}acme/debian/1.0.0/virtualbox.box`, 'file:///boxes/virtualbox.box')
  const text = JSON.stringify(await given(odd, order()))
  expect(text).not.toContain('file:')
  expect(text).toContain(`${GATE}acme/debian/1.0.0/libvirt.box`)
  const foreign = WHOLE.replaceAll(STORAGE, 'https://cdn.example.net/')
  expect(await given(foreign, order())).toEqual(metadata(GATE, '1.0.0', '2.0.0'))
})

test.each([
  '[]',
  '{"versions":{}}',
  '{"versions":[1]}',
  '{"versions":[{"providers":{}}]}',
  '{"versions":[{"providers":["x"]}]}',
  'no',
])('what is built otherwise is refused: %s', async (content) => {
  expect(await refusalOf(rewriting(content), order())).toBe('upstream_failed')
})
