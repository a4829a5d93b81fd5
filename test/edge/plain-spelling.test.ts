import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodePath } from '../../src/deliver/encode-path.ts'
import { isSpeltPlainly } from '../../src/edge/plain-spelling.ts'

const PATH = 'pool/a+b_1.0_all.deb'

test.each([
  `/s/o/r/${PATH}`,
  `/s/o/r/${PATH}?x=/../y`,
  '/s/o/r/pool/a%2Bb_1.0_all.deb',
  '/s/o/r/p%6fol/a+b_1.0_all.deb',
])('%s is plain', (target) => {
  expect(isSpeltPlainly(target, PATH)).toBe(true)
})

test.each([
  `/s/o/r//${PATH}`,
  `//s/o/r/${PATH}`,
  `/s/o/r/./${PATH}`,
  `/s/o/r/x/../${PATH}`,
  `/s/o/r/%2e/${PATH}`,
  '/s/o/r/pool%2fa+b_1.0_all.deb',
  '/s/o/r/pool/a%2bb_1.0_all.deb/',
  '/s/o/r/pool/a%zzb_1.0_all.deb',
  '/s/o/r/pool/other.deb',
])('%s is not', (target) => {
  expect(isSpeltPlainly(target, PATH)).toBe(false)
})

test('what is encoded as for a storage is plain', () => {
  const segment = fc.string({ minLength: 1 }).filter((text) => !/^\.{1,2}$|[/\\%]/.test(text))
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1 }), (segments) => {
      const path = segments.join('/')
      expect(isSpeltPlainly(`/s/o/r/${encodePath(path)}`, path)).toBe(true)
    }),
  )
})
