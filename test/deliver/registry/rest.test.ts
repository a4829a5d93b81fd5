import { expect, test } from 'vitest'
import type { Images } from '../../../src/deliver/registry/images.ts'
import { createMemo } from '../../../src/deliver/registry/memo.ts'
import { createReach } from '../../../src/deliver/registry/reach.ts'

const TAGS = Array.from({ length: 80 }, (_, at) => `1.${at}`)
const NOWHERE = `sha256:${'0'.repeat(64)}`

/** A storage that takes so many ms for each eight of its tags, and tells how often it was asked for one. */
function startSlow(msForEight: number) {
  const [time, asked] = [{ now: 0 }, { tags: 0 }]
  const digests = createMemo<string>({
    ask: async (place) => {
      if (asked.tags++ % 8 === 7) time.now += msForEight
      return `sha256:${place}`
    },
    mostWeight: 1_000,
    weigh: () => 0,
    monotonic: () => time.now,
  })
  const images: Images = {
    tags: async () => TAGS,
    digest: (image, tag, mostAgeMs) => digests.get(`${image} ${tag}`, mostAgeMs),
    isKnown: (image, tag, mostAgeMs) => digests.has(`${image} ${tag}`, mostAgeMs),
    manifest: async () => undefined,
    referrers: async () => [],
  }
  const isReachable = createReach(images, { monotonic: () => time.now })
  const guess = (image = 'tool'): Promise<boolean> =>
    isReachable({
      image,
      digest: NOWHERE,
      likelyTag: undefined,
      includes: () => true,
      onGone: () => undefined,
    })
  return { time, asked, guess }
}

test('an image whose tags are quickly asked for is asked for again after two seconds', async () => {
  const { time, asked, guess } = startSlow(1)
  expect(await guess()).toBe(false)
  const before = asked.tags
  time.now += 1_000
  expect(await guess()).toBe(false)
  expect(asked.tags).toBe(before)
  time.now += 2_000
  expect(await guess()).toBe(false)
  expect(asked.tags).toBe(before + TAGS.length)
})

test('a storage is busy with guesses for a small part of the time, and each image is for itself', async () => {
  const { time, asked, guess } = startSlow(200)
  while (time.now < 120_000) {
    time.now += 50
    expect(await guess()).toBe(false)
  }
  // Eight at once take 200 ms: in two minutes, 4,800 without a rest.
  expect(asked.tags).toBeLessThan(800)
  const before = asked.tags
  await guess('another')
  expect(asked.tags - before).toBeGreaterThanOrEqual(TAGS.length)
})
