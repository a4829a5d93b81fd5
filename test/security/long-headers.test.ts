import { expect, test } from 'vitest'
import { etagOfToken, readIfMatch } from '../../src/admin/etag.ts'
import { readCookies } from '../../src/admin/console/cookie.ts'
import { presentedKey } from '../../src/admin/key-check.ts'
import { parseRange } from '../../src/deliver/byte-range.ts'
import { parseCacheControl } from '../../src/deliver/cache/cache-control.ts'
import { evaluateConditions } from '../../src/deliver/conditions.ts'
import { createClientAddress } from '../../src/request/client-address.ts'
import { readCredential } from '../../src/request/credential.ts'
import { findPageView } from '../../src/request/page-view.ts'
import { accept } from '../request/read.ts'
import { processorMs } from '../support/stopwatch.ts'

/** More than a server lets through. A step that is not linear would take many seconds. */
const LENGTH = 200_000
const LONGEST_MS = 3000

const FILE = { size: 1, etag: '"a"', modified: 1 }
const ROOT = accept('/ptkExample01/acme/deb/')
const clientAddress = createClientAddress(['127.0.0.0/8'])

/** What reads a header that anybody may send, with a token or without. */
const READERS: readonly (readonly [header: string, read: (value: string) => unknown])[] = [
  ['Accept', (value) => findPageView(ROOT, { accept: value, userAgent: 'Mozilla/5.0' })],
  ['User-Agent', (value) => findPageView(ROOT, { accept: 'text/html', userAgent: value })],
  ['Authorization', (value) => readCredential(accept('/basic/acme/deb/x'), ['Authorization', value])],
  ['X-Forwarded-For', (value) => clientAddress('127.0.0.1', value)],
  ['Range', parseRange],
  ['If-Match', (value) => evaluateConditions({ 'if-match': value }, FILE)],
  ['If-None-Match', (value) => evaluateConditions({ 'if-none-match': value }, FILE)],
  ['If-Modified-Since', (value) => evaluateConditions({ 'if-modified-since': value }, FILE)],
  ['If-Range', (value) => evaluateConditions({ 'if-range': value, range: 'bytes=0-' }, FILE)],
  ['Cache-Control', (value) => parseCacheControl(value).seconds('max-age')],
  ['Cookie', readCookies],
  ['If-Match of the management API', (value) => readIfMatch(value, etagOfToken)],
  ['Authorization of the management API', (authorization) => presentedKey({ authorization })],
]

const STARTS = ['', 'text/html;q=x', 'Basic ', 'bytes=', '"', 'max-age=', '127.0.0.1, [']
const PIECES = [' ', 'a', '0', '"', '\\"', '=', 'a=', ', ', ';q=', '-', ']:1', 'W/"a"']

test.each(READERS)('%s: whatever it repeats, it is read at once', (_, read) => {
  for (const piece of PIECES) {
    const long = piece.repeat(LENGTH / piece.length)
    for (const start of STARTS) {
      const started = processorMs()
      for (const end of ['', '!']) read(start + long + end)
      expect(processorMs() - started, `${start}${piece}…`).toBeLessThan(LONGEST_MS)
    }
  }
})
