import { expect, test } from 'vitest'
import { counted } from '../../src/text/counted.ts'

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [0.5, '0.5 bytes'],
  [2, '2 bytes'],
])('%d is told as %s', (count, text) => {
  expect(counted(count, 'byte')).toBe(text)
})
