import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createJsonReader } from '../../../src/deliver/rewrite/json-reader.ts'

/** Reads a text with nothing but the reader: what `JSON.parse` gives, with numbers and words as their text. */
async function read(text: string): Promise<unknown> {
  const json = Buffer.from(text)
  const reader = createJsonReader(json)
  const value = async (): Promise<unknown> => {
    const start = reader.at()
    const members: [string, unknown][] = []
    if ((await reader.members(async (key) => void members.push([key, await value()]))) !== undefined)
      return Object.fromEntries(members)
    reader.moveTo(start)
    const elements: unknown[] = []
    if ((await reader.elements(async () => void elements.push(await value()))) !== undefined) return elements
    reader.moveTo(start)
    const string = await reader.text()
    return string ?? (JSON.parse(json.toString('utf8', start, reader.at())) as unknown)
  }
  return value()
}

test('reads every JSON as JSON.parse does', async () => {
  const property = fc.asyncProperty(
    fc.jsonValue({ stringUnit: 'binary' }),
    fc.constantFrom(undefined, 1, '\t'),
    async (value, space) => {
      const text = JSON.stringify(value, undefined, space)
      expect(await read(text)).toEqual(JSON.parse(text))
    },
  )
  await fc.assert(property, { numRuns: 1000 })
})

test('skips every value whole', async () => {
  const property = fc.asyncProperty(fc.jsonValue({ stringUnit: 'binary' }), async (value) => {
    const text = Buffer.from(JSON.stringify([value, 'end']))
    const reader = createJsonReader(text)
    const seen: (string | undefined)[] = []
    await reader.elements(async () => void seen.push(await reader.text()))
    expect(seen).toEqual([typeof value === 'string' ? value : undefined, 'end'])
  })
  await fc.assert(property, { numRuns: 1000 })
})

test.each([
  '',
  '{',
  '{"a"',
  '{"a":',
  '{"a":1',
  '{"a":1,',
  '{a:1}',
  '{"a" 1}',
  '{"a":1 "b":2}',
  '["a',
  '{"a":"\\"}',
  '}',
  '[}]]',
])('rejects %j', async (text) => {
  const reader = createJsonReader(Buffer.from(text))
  const reading = (async () => {
    await reader.members(() => reader.skip())
    if (reader.at() < text.length) await reader.skip()
  })()
  await expect(reading).rejects.toThrow(/JSON/)
})

test('ends on any text', async () => {
  const text = fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '1', ' ') })
  const property = fc.asyncProperty(text, async (given) => {
    const reader = createJsonReader(Buffer.from(given))
    const error = await reader
      .members(() => reader.skip())
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
    expect(error === undefined || error instanceof SyntaxError).toBe(true)
  })
  await fc.assert(property, { numRuns: 2000 })
})
