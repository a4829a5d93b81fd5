import type { DeliveryOrder } from './contract.ts'
import { encodePath } from './encode-path.ts'

/**
 * The gate's URL for a redirect of the storage (a directory without its slash, a renamed file); undefined when the redirect leaves
 * the part of the storage that the repository is, or leads back to the same file. The target's query is not kept. The client asks
 * again, and is judged again.
 */
export function gateLocation(
  location: string | undefined,
  base: URL,
  order: DeliveryOrder,
): string | undefined {
  const asked = new URL(base.pathname + encodePath(order.artifact.path), base)
  if (location === undefined || !URL.canParse(location, asked.href)) return undefined
  const target = new URL(location, asked)
  const isInside = target.origin === base.origin && target.pathname.startsWith(base.pathname)
  if (!isInside || target.pathname === asked.pathname) return undefined
  return order.baseUrl + target.pathname.slice(base.pathname.length)
}
