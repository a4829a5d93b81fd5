import type { Deliverer } from '../../../src/deliver/contract.ts'
import { FORMAT_DELIVERIES } from '../../../src/deliver/formats.ts'
import { createRewritingDeliverer, type RewritingOptions } from '../../../src/deliver/rewrite/rewriting.ts'
import { createRoom } from '../../../src/deliver/rewrite/room.ts'
import type { Format } from '../../../src/policy/types.ts'

const LIMIT_BYTES = 64 * 1024 * 1024

/** `inner` as the composition root wraps it for a format that rewrites. `storageUrl`: undefined for a folder. */
export function rewritingOf(
  format: Format,
  inner: Deliverer,
  storageUrl: string | undefined,
  options: Partial<RewritingOptions> & Pick<RewritingOptions, 'onFailure'>,
): Deliverer {
  const { createRewriter } = FORMAT_DELIVERIES[format]
  if (createRewriter === undefined) throw new Error(`${format} rewrites nothing`)
  const rewriter = createRewriter(storageUrl === undefined ? undefined : new URL(storageUrl))
  return createRewritingDeliverer(inner, rewriter, {
    limitBytes: LIMIT_BYTES,
    room: createRoom(LIMIT_BYTES),
    ...options,
  })
}
