import type { DeliveryOrder } from './contract.ts'

/**
 * The gate's URL for a redirect of the storage (a directory without its slash, a renamed file); undefined when the redirect
 * leaves the part of the storage that the repository is. The client asks again, and is judged again.
 */
export function gateLocation(
  location: string | undefined,
  base: URL,
  order: DeliveryOrder,
): string | undefined {
  if (location === undefined || !URL.canParse(location, base)) return undefined
  const asked = new URL(order.artifact.path, base)
  const target = new URL(location, asked)
  const inside = target.origin === base.origin && target.pathname.startsWith(base.pathname)
  return inside ? order.baseUrl + target.pathname.slice(base.pathname.length) : undefined
}
