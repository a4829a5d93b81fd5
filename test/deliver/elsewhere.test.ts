import { expect, test } from 'vitest'
import { createElsewhere } from '../../src/deliver/elsewhere.ts'

const OPTIONS = { connections: 1, connectTimeoutMs: 1_000, headersTimeoutMs: 1_000, idleTimeoutMs: 1_000 }

function place(number: number, path = '/x'): URL {
  return new URL(`https://bucket-${number}.example.com${path}`)
}

test('one client serves all of a place, and another one every other place', async () => {
  const elsewhere = createElsewhere(OPTIONS)
  const first = elsewhere.clientFor(place(1))
  expect(elsewhere.clientFor(place(1, '/y?z'))).toBe(first)
  expect(elsewhere.clientFor(place(2))).not.toBe(first)
  expect(elsewhere.clientFor(new URL('http://bucket-1.example.com/'))).not.toBe(first)
  await elsewhere.close()
})

test('a storage that names ever new places is served, and the ones used last are kept', async () => {
  const elsewhere = createElsewhere(OPTIONS)
  const [kept, released] = [elsewhere.clientFor(place(1)), elsewhere.clientFor(place(2))]
  for (let number = 3; number < 18; number++) {
    elsewhere.clientFor(place(number))
    expect(elsewhere.clientFor(place(1))).toBe(kept)
  }
  expect(elsewhere.clientFor(place(2))).not.toBe(released)
  await elsewhere.close()
})
