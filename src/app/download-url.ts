import type { Config } from '../config/types.ts'

/**
 * Where customers reach a repository with a password, with a slash at the end: at the public URL, or, where that is the host of others, at a
 * host of its own.
 */
export function downloadUrl(
  { publicUrl, hosts }: Pick<Config, 'publicUrl' | 'hosts'>,
  { owner, repo }: { readonly owner: string; readonly repo: string },
): string {
  const below: Readonly<Record<string, string>> = { [owner]: `${repo}/`, [`${owner}/${repo}`]: '' }
  const { protocol, hostname } = new URL(publicUrl)
  const implied = hosts.get(hostname)
  if (implied === undefined) return `${publicUrl}/basic/${owner}/${repo}/`
  if (below[implied] !== undefined) return `${publicUrl}/basic/${below[implied]}`
  const [host, target = ''] = [...hosts].find(([, each]) => below[each] !== undefined) ?? []
  return host === undefined
    ? `${publicUrl}/basic/${owner}/${repo}/`
    : `${protocol}//${host}/basic/${below[target]}`
}
