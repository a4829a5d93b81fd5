import { refuse } from '../policy/refusal.ts'
import type { Deliverer, DeliveryOrder } from './contract.ts'
import { valueOf } from './header-list.ts'

/**
 * Delivers archives from `inner` by their names alone. Registries may read in Accept whether the archive of a release is wanted or what is said of
 * it: at a place that costs nothing they are not asked for archives, and what they give all the same is not found.
 */
export function createArchivesByName(inner: Deliverer): Deliverer {
  return {
    ...inner,
    open: async (order) => {
      const { kind } = order.artifact
      if (kind === 'package' || kind === 'unknown') return inner.open(order)
      const opened = await inner.open(withoutArchives(order))
      if (!opened.ok || !ARCHIVE.test(valueOf(opened.headers, 'content-type') ?? '')) return opened
      opened.body?.discard()
      return refuse('not_found')
    },
  }
}

const ARCHIVE = /zip/i
/** Types that an archive has, too. What takes everything does not ask for one. */
const MAY_BE_ARCHIVE = /zip|octet-stream|application\/\*/i

function withoutArchives(order: DeliveryOrder): DeliveryOrder {
  const { accept, ...others } = order.headers
  if (accept === undefined || !MAY_BE_ARCHIVE.test(accept)) return order
  const kept = accept.split(',').filter((range) => !MAY_BE_ARCHIVE.test(range))
  return { ...order, headers: kept.length === 0 ? others : { ...others, accept: kept.join(',') } }
}
