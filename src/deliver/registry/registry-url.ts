/**
 * Where a registry has the images below `upstream`, which ends in a slash: `http://host/team/` is `http://host/v2/team/` there.
 */
export function registryUrl(upstream: string): string {
  const url = new URL(upstream)
  url.pathname = `/v2${url.pathname}`
  return url.href
}
