import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Hashed in one go; a few milliseconds. */
const SLICE_BYTES = 2 * 1024 * 1024

/** A strong ETag of `content`. Large content is hashed over several turns of the event loop. */
export async function strongEtag(content: Buffer): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < content.length; at += SLICE_BYTES) {
    if (at > 0) await nextTurn()
    hash.update(content.subarray(at, at + SLICE_BYTES))
  }
  return `"${hash.digest('base64url').slice(0, 27)}"`
}
