import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Hashed in one go; a few milliseconds. */
const SLICE_BYTES = 2 * 1024 * 1024

/** A strong ETag of `content`. Large content is hashed over several turns of the event loop. */
export async function strongEtag(content: Buffer): Promise<string> {
  return `"${(await hash('sha256', content)).toString('base64url').slice(0, 27)}"`
}

/** An ETag that is the MD5 of `content`, for clients that compare it with what they got. */
export async function md5Etag(content: Buffer): Promise<string> {
  return `"${(await hash('md5', content)).toString('hex')}"`
}

async function hash(algorithm: string, content: Buffer): Promise<Buffer> {
  const hashing = createHash(algorithm)
  for (let at = 0; at < content.length; at += SLICE_BYTES) {
    if (at > 0) await nextTurn()
    hashing.update(content.subarray(at, at + SLICE_BYTES))
  }
  return hashing.digest()
}
