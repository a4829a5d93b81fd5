import { expect, test } from 'vitest'
import { keepRecords } from '../../../src/console/words/csv-records.ts'

const CSV = [
  '"slug_perm","name","limit"\r\n',
  '"01A","Sons, ""Inc""\r\n01B",5\r\n',
  '"01B","plain",\r\n',
  '"01C","01A",7\r\n',
].join('')

test('keeps the head and whole records, by their id alone', () => {
  expect(keepRecords(CSV, new Set(['01A']))).toEqual([
    '"slug_perm","name","limit"',
    '"01A","Sons, ""Inc""\r\n01B",5',
  ])
  expect(keepRecords(CSV, new Set(['01B', '01C']))).toEqual([
    '"slug_perm","name","limit"',
    '"01B","plain",',
    '"01C","01A",7',
  ])
  expect(keepRecords(CSV, new Set())).toHaveLength(1)
})
