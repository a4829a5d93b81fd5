import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSecretKeeper } from '../../src/store/secret-keeper.ts'

const KEY = 'a key of the server, 32 bytes or more'
const keeper = createSecretKeeper(KEY, randomBytes)

describe('a digest', () => {
  test('is the same in every process with the same key, and 43 characters that a URL may hold', () => {
    const other = createSecretKeeper(KEY, randomBytes)
    expect(other.digest('secret-of-acme')).toBe(keeper.digest('secret-of-acme'))
    expect(keeper.digest('secret-of-acme')).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  test('stays what it is: tokens in the store are found by it', () => {
    expect(keeper.digest('secret-of-acme')).toBe('e_0pUsN1H3Nokq38VaZNUMNh15iIFwwpgBYJLusLnyU')
  })

  test('is another with another key, and for another secret', () => {
    const other = createSecretKeeper(`${KEY}!`, randomBytes)
    expect(other.digest('secret-of-acme')).not.toBe(keeper.digest('secret-of-acme'))
    expect(keeper.digest('Secret-of-acme')).not.toBe(keeper.digest('secret-of-acme'))
  })
})

describe('a sealed secret', () => {
  test('is opened with the same key only', () => {
    const sealed = keeper.seal('secret-of-acme')
    expect(createSecretKeeper(KEY, randomBytes).unseal(sealed)).toBe('secret-of-acme')
    expect(() => createSecretKeeper(`${KEY}!`, randomBytes).unseal(sealed)).toThrow('authenticate')
  })

  test('is another text each time, which does not hold the secret', () => {
    const sealed = keeper.seal('secret-of-acme')
    expect(keeper.seal('secret-of-acme')).not.toBe(sealed)
    expect(Buffer.from(sealed, 'base64url').includes('secret-of-acme')).toBe(false)
  })

  test('comes back as it was', () => {
    const property = fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
      expect(keeper.unseal(keeper.seal(secret))).toBe(secret)
    })
    fc.assert(property)
  })

  test('does not open when any byte of it was altered', () => {
    const bytes = Buffer.from(keeper.seal('secret-of-acme'), 'base64url')
    for (const index of bytes.keys()) {
      const altered = Buffer.from(bytes)
      altered[index] = (altered[index] ?? 0) ^ 1
      expect(() => keeper.unseal(altered.toString('base64url'))).toThrow('authenticate')
    }
  })

  test.each(['', 'x', 'AAAA', 'A'.repeat(37)])('does not open when it is %j', (text) => {
    expect(() => keeper.unseal(text)).toThrow(Error)
  })
})
