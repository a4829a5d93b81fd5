import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonOf, metadataProblem, pairsOf } from '../../../src/console/pages/token-form/metadata.ts'

test('numbers, truths and texts that look like them stay what they are', () => {
  const text = '{"number":4711,"text":"4711","yes":true,"none":null,"quoted":"\\"a\\"","plain":"A-17"}'
  const pairs = pairsOf(text) ?? []
  expect(pairs.map(({ value }) => value)).toEqual(['4711', '"4711"', 'true', 'null', '"\\"a\\""', 'A-17'])
  expect(JSON.parse(jsonOf(pairs))).toEqual(JSON.parse(text))
})

test('any object of plain values is read back as it was', () => {
  const values = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
  // A pair without a name and a value is one that was not filled yet.
  const objects = fc.dictionary(fc.string({ minLength: 1 }), values, { noNullPrototype: true })
  fc.assert(
    fc.property(objects, (object) => {
      const text = JSON.stringify(object)
      const written = jsonOf(pairsOf(text) ?? [])
      expect(written === '' ? {} : JSON.parse(written)).toEqual(object)
      expect(metadataProblem(text)).toBeUndefined()
    }),
  )
})

test('what is nested is JSON only, and an unfilled pair is nothing', () => {
  expect(pairsOf('{"a":{"b":1}}')).toBeUndefined()
  expect(pairsOf('{"a":1,"a":2}')).toBeUndefined()
  expect(pairsOf('nonsense')).toBeUndefined()
  expect(pairsOf(' ')).toEqual([])
  expect(jsonOf([{ key: '', value: '' }])).toBe('')
})
