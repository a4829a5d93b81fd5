import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineCutter } from '../../../src/edge/logs/line-cutter.ts'

test('gives every line once, however the bytes come in', () => {
  const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ' '))
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat({ max: 40 })), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''))
      const cutter = createLineCutter()
      const found: string[] = []
      let [at, counted, isCounted] = [0, 0, true]
      for (const length of [...cuts, bytes.length]) {
        const pushed = cutter.push(bytes.subarray(at, at + length))
        at = Math.min(bytes.length, at + length)
        found.push(...pushed.lines)
        counted += pushed.bytes
        isCounted &&= counted + cutter.waiting() === at
      }
      expect(isCounted).toBe(true)
      expect(found).toEqual(lines.map((each) => Buffer.from(each).toString()))
    }),
  )
})
