import { expect, test } from 'vitest'
import type { DeliveryOrder } from '../../../src/deliver/contract.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver, orderFor, refusalOf } from '../orders.ts'
import { fixedStorage, type FixedStorage } from './documents.ts'
import { rewritingOf } from './rewriter-of.ts'

const LIST = 'v1.0.0\nv1.1.0\nv2.0.0-!odd\nv1.2.0-RC1\n'

function order(path: string, versions?: readonly string[]): DeliveryOrder {
  const { recognize } = FORMAT_RULES.go
  const includes = versions && ((asked: string) => versions.includes(recognize(asked).version ?? ''))
  return orderFor('', { artifact: recognize(path), includes })
}

function rewriting(content: string): { deliverer: ReturnType<typeof rewritingOf>; storage: FixedStorage } {
  const storage = fixedStorage(content, ['content-type', 'text/plain'])
  return {
    storage,
    deliverer: rewritingOf('go', storage.deliverer, undefined, { onFailure: () => undefined }),
  }
}

async function given(content: string, asked: DeliveryOrder): Promise<string> {
  return (await deliver(rewriting(content).deliverer, asked)).content.toString()
}

test('lists only the versions that the client may fetch', async () => {
  expect(await given(LIST, order('example.com/tool/@v/list', ['v1.0.0', 'v1.2.0-RC1']))).toBe(
    'v1.0.0\nv1.2.0-RC1\n',
  )
})

test('gives a list to who may fetch everything as it is, and asks as the client did', async () => {
  const { deliverer, storage } = rewriting(LIST)
  const asked = order('example.com/tool/@v/list')
  expect((await deliver(deliverer, asked)).content.toString()).toBe(LIST)
  expect(storage.orders[0]).toBe(asked)
})

test('refuses a list of which nothing is left, and passes an empty one on', async () => {
  const asked = order('example.com/tool/@v/list', ['v9.0.0'])
  expect(await refusalOf(rewriting(LIST).deliverer, asked)).toBe('package_not_covered')
  expect(await given('', asked)).toBe('')
})

test('names the latest version only to who may fetch it', async () => {
  const latest = '{"Version":"v1.1.0","Time":"2026-01-01T00:00:00Z"}'
  expect(await given(latest, order('example.com/tool/@latest', ['v1.1.0']))).toBe(latest)
  expect(await refusalOf(rewriting(latest).deliverer, order('example.com/tool/@latest', ['v1.0.0']))).toBe(
    'package_not_covered',
  )
  expect(await refusalOf(rewriting('no json').deliverer, order('example.com/tool/@latest', ['v1.0.0']))).toBe(
    'upstream_failed',
  )
})
