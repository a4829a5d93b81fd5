import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  generateKey,
  generateSecret,
  isPlausibleKey,
  isPlausibleSecret,
  RESERVED_SEGMENTS,
} from '../../src/policy/secret.ts'

const CHARACTERS = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-']

/** Secrets as a source of any numbers would make them. */
const generated = fc.array(fc.nat(61), { minLength: 26, maxLength: 26 }).map((numbers) => {
  const source = numbers.values()
  return generateSecret(() => source.next().value ?? 0)
})

describe('a generated secret', () => {
  test('is 35 letters and digits that begin with ptk', () => {
    const property = fc.property(generated, (secret) => {
      expect(secret).toMatch(/^ptk[0-9A-Za-z]{32}$/)
    })
    fc.assert(property)
  })

  test('asks for 26 random characters of 62', () => {
    const asked: number[] = []
    generateSecret((below) => asked.push(below) % 62)
    expect(asked).toEqual(Array.from({ length: 26 }, () => 62))
  })

  test('is plausible', () => {
    const property = fc.property(generated, (secret) => {
      expect(isPlausibleSecret(secret)).toBe(true)
    })
    fc.assert(property)
  })

  test('stays what it is: secrets that customers hold keep their checksum', () => {
    expect(generateSecret(() => 0)).toBe('ptk000000000000000000000000002IJveX')
    expect(generateSecret(() => 61)).toBe('ptkzzzzzzzzzzzzzzzzzzzzzzzzzz2DCzM8')
  })

  test('with any one character changed is not plausible', () => {
    const property = fc.property(
      generated,
      fc.nat(34),
      fc.constantFrom(...CHARACTERS),
      (secret, at, character) => {
        fc.pre(secret.charAt(at) !== character)
        expect(isPlausibleSecret(secret.slice(0, at) + character + secret.slice(at + 1))).toBe(false)
      },
    )
    fc.assert(property, { numRuns: 5_000 })
  })
})

describe('a custom secret', () => {
  test.each([
    'abcdefgh',
    'A1._-A1._-',
    '0'.repeat(48),
    '12345678',
    'ptk-customer-acme',
    'token-of-a-customer',
    'x'.repeat(35),
    'basic-123',
  ])('%j is plausible', (secret) => {
    expect(isPlausibleSecret(secret)).toBe(true)
  })

  test.each([
    '',
    'abcdefg',
    '0'.repeat(49),
    '.abcdefgh',
    '-abcdefgh',
    '_abcdefgh',
    'abc defgh',
    'abcdefgh\n',
    'abc/defgh',
    'abc%2fdefgh',
    'abcdefg:',
    'abcdefgü',
    'ａbcdefgh',
    `ptk${'0'.repeat(32)}`,
    `ptk-${'0'.repeat(31)}`,
  ])('%j is not plausible', (secret) => {
    expect(isPlausibleSecret(secret)).toBe(false)
  })

  test('is never a segment that means something else', () => {
    const plausible = [...RESERVED_SEGMENTS].filter(isPlausibleSecret)
    expect(plausible).toEqual([])
  })
})

test('any text is judged', () => {
  const property = fc.property(fc.string({ unit: 'binary' }), (text) => {
    expect(isPlausibleSecret(text)).toBeTypeOf('boolean')
  })
  fc.assert(property)
})

describe('a generated key of the management API', () => {
  const keys = fc.array(fc.nat(61), { minLength: 26, maxLength: 26 }).map((numbers) => {
    const source = numbers.values()
    return generateKey(() => source.next().value ?? 0)
  })

  test('is 35 letters and digits that begin with pmk, and is plausible', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(key).toMatch(/^pmk[0-9A-Za-z]{32}$/)
        expect(isPlausibleKey(key)).toBe(true)
      }),
    )
  })

  test('stays what it is: keys that are in use keep their checksum', () => {
    expect(generateKey(() => 0)).toBe('pmk000000000000000000000000001wTqpM')
    expect(generateKey(() => 61)).toBe('pmkzzzzzzzzzzzzzzzzzzzzzzzzzz22jGnF')
  })

  test('with any one character changed is not plausible', () => {
    const property = fc.property(keys, fc.nat(34), fc.constantFrom(...CHARACTERS), (key, at, character) => {
      fc.pre(key.charAt(at) !== character)
      expect(isPlausibleKey(key.slice(0, at) + character + key.slice(at + 1))).toBe(false)
    })
    fc.assert(property, { numRuns: 5_000 })
  })
})

test.each(['a', 'hunter2', 'pmk', 'pmk-of-ours', 'ü'.repeat(35), generateSecret(() => 7), 'x'.repeat(5_000)])(
  'the key %j, made by people or by an earlier version, is plausible',
  (key) => {
    expect(isPlausibleKey(key)).toBe(true)
  },
)

test('an empty key is not plausible', () => {
  expect(isPlausibleKey('')).toBe(false)
})
