import { Writable } from 'node:stream'
import type { Body } from '../contract.ts'

/**
 * Takes a body of `size` bytes into memory. `broken`: it did not end, or is of another size; `late`: it had not ended after
 * `patienceMs`. In both cases its source was let go.
 */
export async function takeWhole(
  body: Body,
  size: number,
  patienceMs: number,
): Promise<Buffer | 'broken' | 'late'> {
  // Not from Node's pool, where a small object would keep others' memory alive.
  const content = Buffer.allocUnsafeSlow(size)
  let filled = 0
  let isLate = false
  const taker = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (filled + chunk.length > size) return void taker.destroy()
      filled += chunk.copy(content, filled)
      done()
    },
  })
  const timer = setTimeout(() => {
    isLate = true
    taker.destroy()
  }, patienceMs)
  const { complete } = await body.send(taker)
  clearTimeout(timer)
  if (complete && filled === size) return content
  return isLate ? 'late' : 'broken'
}
