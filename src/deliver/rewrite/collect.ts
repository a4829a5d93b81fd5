import { Writable } from 'node:stream'
import type { Body } from '../contract.ts'

/**
 * Takes a whole body into memory. undefined when it did not end: the storage broke off or the client is gone. Rejects when it has more
 * than `limitBytes`; no more than that is read.
 */
export async function collect(body: Body, limitBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  const collector = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length
      if (bytes > limitBytes) collector.destroy()
      else chunks.push(chunk)
      done()
    },
  })
  const { complete } = await body.send(collector)
  if (bytes > limitBytes) throw tooLarge(limitBytes)
  return complete ? Buffer.concat(chunks, bytes) : undefined
}

export function tooLarge(limitBytes: number): Error {
  return new Error(`the storage's document has more than ${limitBytes} bytes, which is too much to rewrite`)
}
