import { expect, test } from 'vitest'
import { FORMAT_RULES } from '../../src/request/formats/formats.ts'
import { parseTarget } from '../../src/request/target.ts'
import { MAPPED } from '../request/read.ts'
import { processorMs } from '../support/stopwatch.ts'

/** Far more than a server lets through. A step that is not linear would take minutes. */
const LENGTH = 500_000
const LONGEST_MS = 3000

const PIECES = [
  '/',
  '/a',
  '.',
  '/.',
  '%',
  '%25',
  '%2525',
  '%41',
  '%2e',
  '@',
  '/@a%2f',
  '/@a%2fb',
  ' ',
  '\u00c3\u00bc',
  '?',
  ';',
  ':',
]
const STARTS = ['', '/', '/basic/acme/npm/', '/basic/acme/npm/a', 'http://', 'http://gate.test/', '//']

test.each(PIECES)('a target of endless %j is answered at once', (piece) => {
  const started = processorMs()
  const long = piece.repeat(LENGTH / piece.length)
  for (const raw of STARTS.flatMap((start) => [start + long, `${start}${long}!`])) {
    const target = parseTarget(raw, 'gate.test', MAPPED)
    if ('ok' in target) continue
    for (const { recognize } of Object.values(FORMAT_RULES)) recognize(target.path)
  }
  expect(processorMs() - started).toBeLessThan(LONGEST_MS)
})

test.each([':1', '1', '.', ':', '[', 'a.'])('a Host header of endless %j is read at once', (piece) => {
  const started = processorMs()
  const host = piece.repeat(LENGTH / piece.length)
  for (const each of [host, `${host}!`]) parseTarget('/basic/acme/npm/x', each, MAPPED)
  expect(processorMs() - started).toBeLessThan(LONGEST_MS)
})
