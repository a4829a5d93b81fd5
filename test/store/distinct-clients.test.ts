import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addClients,
  countClients,
  hashClient,
  joinSketches,
  NO_CLIENTS,
} from '../../src/store/distinct-clients.ts'

const sketchOf = (clients: readonly string[]): string => addClients(NO_CLIENTS, clients.map(hashClient))
const clients = fc.array(
  fc.nat(400).map((number) => `192.0.2.${number}`),
  { maxLength: 600 },
)

test('the number is exact up to a quarter of a thousand', () => {
  fc.assert(
    fc.property(clients, (some) => {
      const distinct = new Set(some).size
      fc.pre(distinct < 256)
      expect(countClients(sketchOf(some))).toBe(distinct)
    }),
  )
  expect(countClients(NO_CLIENTS)).toBe(0)
})

test('it does not matter in which parts, how often and in which order clients are added', () => {
  fc.assert(
    fc.property(clients, clients, clients, (a, b, c) => {
      const whole = sketchOf([...a, ...b, ...c])
      expect(joinSketches([sketchOf(c), sketchOf(a), sketchOf(b), sketchOf(a)])).toBe(whole)
      expect(addClients(sketchOf([...c, ...b]), a.map(hashClient))).toBe(whole)
      expect(whole.length).toBeLessThanOrEqual(2_560)
    }),
  )
})

test.each([1_000, 20_000, 300_000])('of %i it is right to within a fifth', (count) => {
  const estimate = countClients(sketchOf(Array.from({ length: count }, (_, index) => `client ${index}`)))
  expect(Math.abs(estimate - count) / count).toBeLessThan(0.2)
})
