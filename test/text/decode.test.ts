import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeText } from '../../src/text/decode.ts'

const text = fc.string({ unit: 'binary' }).filter((each) => !each.startsWith('\uFEFF'))

test('text in UTF-8 and UTF-16 comes back, with and without a byte order mark', () => {
  fc.assert(
    fc.property(text, (given) => {
      const little = Buffer.from(`\uFEFF${given}`, 'utf16le')
      const forms = [Buffer.from(given), Buffer.from(`\uFEFF${given}`), little, Buffer.from(little).swap16()]
      for (const bytes of forms) expect(decodeText(bytes)).toEqual({ ok: true, text: given })
    }),
  )
})

test.each([
  [[0x61, 0x0a, 0xff, 0x0a, 0x62], 'Line 2 is no valid UTF-8. Save it as UTF-8.'],
  [[0x61, 0x0a, 0x62, 0xe2, 0x82], 'Line 2 is no valid UTF-8. Save it as UTF-8.'],
  [[0x61, 0x00, 0xe4, 0x00], 'Line 1 is no valid UTF-8. It has zero bytes, as UTF-16 has: save it as UTF-8.'],
  [[0xff, 0xfe, 0x61], 'It begins like UTF-16 and is no valid UTF-16.'],
])('the bytes %j are refused', (bytes, message) => {
  expect(decodeText(Uint8Array.from(bytes))).toEqual({ ok: false, message })
})
