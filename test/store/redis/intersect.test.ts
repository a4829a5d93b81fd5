import { expect, test } from 'vitest'
import { intersect } from '../../../src/store/redis/intersect.ts'
import type { Scripts } from '../../../src/store/redis/scripts.ts'

/** Members of a set, highest first, of which all are in the others; `onWalk` comes between two looks. */
function walkOver(members: string[], onWalk: () => void): Pick<Scripts, 'walk'> {
  return {
    walk: async (_sets, [first, last]) => {
      const seen = members.slice(Number(first), Number(last) + 1)
      onWalk()
      return [seen.length, ...seen]
    },
  }
}

test('what is added while a set is gone through makes nothing come twice', async () => {
  const members = Array.from({ length: 2_500 }, (_, index) => `m${index}`)
  const before = [...members]
  const scripts = walkOver(members, () => members.unshift(`new-${members.length}`))
  expect(await intersect(scripts, { set: 'all', rank: 0 }, ['some'])).toEqual(before)
})

test('a part of a set is gone through from its beginning to its end, and no further', async () => {
  const members = Array.from({ length: 2_500 }, (_, index) => `m${index}`)
  const scripts = walkOver(members, () => undefined)
  const part = { set: 'all', rank: 7, size: 2_001 }
  expect(await intersect(scripts, part, ['some'])).toEqual(members.slice(7, 2_008))
})
