import { createBufferBody } from './buffer-body.ts'
import type { Deliverer } from './contract.ts'
import { pickHeaders, valueOf } from './header-list.ts'

/** The header by which a registry of Terraform tells where a module lies. */
export const MODULE_LOCATION = 'x-terraform-get'

/**
 * Registries of Terraform tell where a module lies in a header, newer ones in a document. Here the first become the second, so that there is one
 * form for all who read it.
 */
export function createModuleLocations(inner: Deliverer): Deliverer {
  return {
    open: async (order) => {
      const opened = await inner.open(order)
      const location = opened.ok ? valueOf(opened.headers, MODULE_LOCATION) : undefined
      if (!opened.ok || location === undefined) return opened
      if (order.artifact.kind !== 'metadata') return { ...opened, headers: withoutLocation(opened.headers) }
      opened.body?.discard()
      const content = Buffer.from(JSON.stringify({ location }))
      const extent = { start: 0, end: content.length, size: content.length }
      const body = order.method === 'HEAD' ? null : createBufferBody(content, order.onGone)
      const { source } = opened
      const answer = {
        ok: true,
        status: 200,
        headers: ['content-type', 'application/json'],
        extent,
        body,
      } as const
      return source === undefined ? answer : { ...answer, source }
    },
    close: inner.close,
  }
}

/** Nobody is sent on from a file. */
function withoutLocation(headers: readonly string[]): string[] {
  return pickHeaders(headers, (name) => name !== MODULE_LOCATION)
}
