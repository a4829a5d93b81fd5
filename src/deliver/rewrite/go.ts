import type { DeliveryOrder } from '../contract.ts'
import type { Rewriter } from './rewriting.ts'

/**
 * Makes what a Go module proxy says of the versions of a module (`@v/list`, `@latest`) name only those that the client may fetch. There are no
 * URLs in it, so that clients who may fetch everything get it as it is.
 */
export function createGoRewriter(): Rewriter {
  return {
    concerns: ({ artifact: { format, kind, path }, includes }) =>
      format === 'go' && kind === 'metadata' && includes !== undefined && /\/@(?:v\/list|latest)$/.test(path),
    rewrite: async (document, order) => {
      const text = document.toString()
      return order.artifact.filename === 'list' ? filterList(text, order) : filterLatest(text, order)
    },
  }
}

/** A version on each line. */
function filterList(text: string, order: DeliveryOrder): Buffer | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const kept = lines.filter((line) => includesVersion(order, line.trim()))
  if (kept.length === 0 && lines.length > 0) return undefined
  return Buffer.from(kept.map((line) => `${line}\n`).join(''))
}

function filterLatest(text: string, order: DeliveryOrder): Buffer | undefined {
  const { Version: version } = JSON.parse(text) as { readonly Version?: unknown }
  return typeof version === 'string' && includesVersion(order, version) ? Buffer.from(text) : undefined
}

function includesVersion({ artifact: { path }, includes }: DeliveryOrder, version: string): boolean {
  const module = path.slice(0, path.lastIndexOf('/@'))
  const escaped = version.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)
  return includes === undefined || includes(`${module}/@v/${escaped}.zip`)
}
