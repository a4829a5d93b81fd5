import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createObjectStore, type Slot } from '../../../src/deliver/cache/object-store.ts'
import { answerHead } from '../../../src/deliver/cache/stored-answer.ts'
import { START } from './rig.ts'

function answer(bytes = 10, requestedAt = 0): Slot {
  const timing = { requestedAt, receivedAt: START, defaultTtlMs: 1_000 }
  const head = answerHead(['etag', '"a"'], { names: [], variant: '' }, timing)
  if (head === undefined) throw new Error('it can not be kept')
  return { ...head, content: Buffer.alloc(bytes), size: bytes, source: undefined }
}

const PASSED: Slot = { kind: 'passed', until: 1 }

test('gives back what was put on the same shelf, and nothing of another one', () => {
  const store = createObjectStore(10_000)
  const [one, other] = [store.open('acme/a'), store.open('acme/a')]
  const slot = answer()
  one.write('x', slot, one.era())
  expect(one.read('x')).toBe(slot)
  expect(other.read('x')).toBeUndefined()
  expect(one.read('1\nx')).toBeUndefined()
})

test('never holds more than its bytes, overhead counted, and lets the least recently used go', () => {
  const store = createObjectStore(10_000)
  const shelf = store.open('acme/a')
  for (let i = 0; i < 100; i++) {
    shelf.write(`f${i}`, answer(1_000), shelf.era())
    shelf.read('f0')
    expect(store.size().bytes).toBeLessThanOrEqual(10_000)
  }
  expect(shelf.read('f0')).toBeDefined()
  expect(shelf.read('f1')).toBeUndefined()
  expect(shelf.read('f99')).toBeDefined()
})

test('counts notes without content, too', () => {
  const store = createObjectStore(10_000)
  const shelf = store.open('acme/a')
  for (let i = 0; i < 1_000; i++) shelf.write(`f${i}`, PASSED, shelf.era())
  expect(store.size().objects).toBeLessThanOrEqual(20)
})

test('does not keep what is larger than all of it', () => {
  const store = createObjectStore(1_000)
  const shelf = store.open('acme/a')
  shelf.write('x', answer(1_000), shelf.era())
  expect(shelf.read('x')).toBeUndefined()
})

test('does not let an older answer take the place of a newer one', () => {
  const shelf = createObjectStore(10_000).open('acme/a')
  const newer = answer(1, 20)
  shelf.write('x', newer, shelf.era())
  shelf.write('x', answer(2, 10), shelf.era())
  expect(shelf.read('x')).toBe(newer)
})

const PATHS = ['dists/x', 'dists/x/y', 'dists/xy']
const ALL = ['acme/a', 'acme/b'].flatMap((name) => PATHS.map((path) => `${name} ${path}`))

test.each<[string | undefined, string | undefined, string[]]>([
  [undefined, undefined, []],
  ['acme/a', undefined, ['acme/b dists/x', 'acme/b dists/x/y', 'acme/b dists/xy']],
  ['acme/a', 'dists/x', ['acme/a dists/xy', 'acme/b dists/x', 'acme/b dists/x/y', 'acme/b dists/xy']],
  [undefined, 'dists/x/', ['acme/a dists/x', 'acme/a dists/xy', 'acme/b dists/x', 'acme/b dists/xy']],
  ['acme/A', 'dists', ALL],
])('a purge of %s, %s leaves the others', (repository, path, left) => {
  const store = createObjectStore(100_000)
  const shelves = ['acme/a', 'acme/b'].map((name) => [name, store.open(name)] as const)
  for (const [, shelf] of shelves) {
    for (const file of PATHS) shelf.write(file, answer(), shelf.era())
  }
  const purged = store.purge({ repository, path })
  const found = shelves.flatMap(([name, shelf]) =>
    PATHS.filter((file) => shelf.read(file) !== undefined).map((file) => `${name} ${file}`),
  )
  expect(found).toEqual(left)
  expect(purged).toBe(6 - found.length)
})

test('a purge takes variants of the path with it, and does not count notes', () => {
  const store = createObjectStore(10_000)
  const shelf = store.open('acme/a')
  shelf.write('x', { kind: 'varied', names: ['accept'] }, shelf.era())
  shelf.write('x\naccept:y', answer(), shelf.era())
  expect(store.purge({ repository: undefined, path: 'x' })).toBe(1)
  expect(store.size()).toEqual({ objects: 0, bytes: 0 })
})

test('nothing that was asked for before a purge is kept after it', () => {
  const store = createObjectStore(10_000)
  const shelf = store.open('acme/a')
  const before = shelf.era()
  store.purge({ repository: 'acme/other', path: undefined })
  shelf.write('x', answer(), before)
  expect(shelf.read('x')).toBeUndefined()
  shelf.write('x', answer(), shelf.era())
  expect(shelf.read('x')).toBeDefined()
})

test('a closed shelf is empty and stays it; the others are left', () => {
  const store = createObjectStore(10_000)
  const [one, other] = [store.open('acme/a'), store.open('acme/a')]
  for (const shelf of [one, other]) shelf.write('x', answer(), shelf.era())
  one.close()
  one.write('y', answer(), one.era())
  expect([one.read('x'), one.read('y')]).toEqual([undefined, undefined])
  expect(other.read('x')).toBeDefined()
  expect(store.size().objects).toBe(1)
})

test('keeps its bound whatever is written, removed and purged', () => {
  const step = fc.tuple(
    fc.constantFrom('write', 'remove', 'purge', 'read'),
    fc.nat(9),
    fc.integer({ min: 0, max: 3_000 }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const store = createObjectStore(5_000)
      const shelf = store.open('acme/a')
      for (const [what, file, bytes] of steps) {
        if (what === 'write') shelf.write(`f${file}`, answer(bytes), shelf.era())
        if (what === 'remove') shelf.remove(`f${file}`)
        if (what === 'purge') store.purge({ repository: undefined, path: `f${file}` })
        if (what === 'read') shelf.read(`f${file}`)
        expect(store.size().bytes).toBeLessThanOrEqual(5_000)
      }
    }),
  )
})

test('something is worth its room if that is free, or if it was asked for more often than what would go', () => {
  const shelf = createObjectStore(10_000).open('acme/a')
  const ask = (path: string, times: number): void => {
    for (let i = 0; i < times; i++) shelf.noteAsked(path)
  }
  ask('old', 1)
  ask('hot', 9)
  for (const path of ['old', 'hot']) {
    expect(shelf.isWorth(path, 3_000)).toBe(true)
    shelf.write(path, answer(3_000), shelf.era())
  }
  ask('new', 1)
  expect(shelf.isWorth('new', 2_000)).toBe(true)
  expect(shelf.isWorth('new', 4_000)).toBe(false)
  ask('new', 1)
  expect(shelf.isWorth('new', 4_000)).toBe(true)
  // Both would have to go.
  expect(shelf.isWorth('new', 8_000)).toBe(false)
  ask('new', 8)
  expect(shelf.isWorth('new', 8_000)).toBe(true)
  expect(shelf.isWorth('new', 20_000)).toBe(false)
  // The next version of what is there takes the place of the one before.
  expect(shelf.isWorth('old', 4_500)).toBe(true)
})
