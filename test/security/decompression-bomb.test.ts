import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { createRewritingDeliverer, type Rewriter } from '../../src/deliver/rewrite/rewriting.ts'
import { createRoom } from '../../src/deliver/rewrite/room.ts'
import { deliver } from '../deliver/orders.ts'
import { documentOrder, fixedStorage } from '../deliver/rewrite/documents.ts'

const ROOM = 4_000_000

/** Remembers how many bytes of documents there were at once. */
function weighingRewriter(): { readonly rewriter: Rewriter; readonly most: () => number } {
  let [bytes, most] = [0, 0]
  const rewriter: Rewriter = {
    concerns: () => true,
    rewrite: async (document) => {
      bytes += document.length
      most = Math.max(most, bytes)
      for (let turn = 0; turn < 3; turn++) await nextTurn()
      bytes -= document.length
      return Buffer.from(`${document.length}`)
    },
  }
  return { rewriter, most: () => most }
}

/** What each of some clients is given that ask at once, and the most bytes that there were. */
async function askAtOnce(document: Buffer, coding: string): Promise<{ given: string[]; most: number }> {
  const { rewriter, most } = weighingRewriter()
  const { deliverer } = fixedStorage(document, ['content-encoding', coding])
  const failures: string[] = []
  const options = {
    limitBytes: ROOM,
    room: createRoom(ROOM),
    onFailure: (error: Error) => void failures.push(error.message),
  }
  const rewriting = createRewritingDeliverer(deliverer, rewriter, options)
  const clients = Array.from({ length: 30 }, () => deliver(rewriting, documentOrder('a')))
  const given = await Promise.all(clients.map((each) => each.then(({ content }) => `${content}`, String)))
  return { given, most: most() }
}

const BOMB = Buffer.alloc(ROOM - 1, 'a')

test.each([
  ['gzip', gzipSync(BOMB)],
  ['zstd', zstdCompressSync(BOMB)],
])('documents that become a thousand times as large, by %s, wait for each other', async (coding, bomb) => {
  const { given, most } = await askAtOnce(bomb, coding)
  expect(new Set(given)).toEqual(new Set([`${ROOM - 1}`]))
  expect(most).toBeLessThanOrEqual(ROOM)
})

test('one that becomes larger than any may be is refused', async () => {
  const { given, most } = await askAtOnce(gzipSync(Buffer.alloc(ROOM + 1)), 'gzip')
  expect(new Set(given)).toEqual(new Set(['Error: refused: upstream_failed']))
  expect(most).toBe(0)
})
