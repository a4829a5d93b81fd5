import type { Finding } from './contract.ts'
import { describeNuget } from './nuget-name.ts'

/** Whom they are about stands in the query, which nobody judges. */
const LISTINGS =
  /^(?:Packages(?:\(\))?|(?:FindPackagesById|Search|GetUpdates)\(\)|package-ids|package-versions\/[A-Za-z0-9._-]+)(?:\/\$count)?$/
const ENTRY = /^Packages\(Id='([A-Za-z0-9._-]+)',Version='([A-Za-z0-9.+-]+)'\)$/

/** What stands below `v2/` in a feed of NuGet's version 2. */
export function findInNugetFeed(segments: readonly string[]): Finding | undefined {
  const path = segments.join('/')
  if (path === '' || path === '$metadata') return { kind: 'metadata' }
  if (LISTINGS.test(path)) return { kind: 'listing' }
  const [, id, version] = ENTRY.exec(path) ?? []
  if (id !== undefined) return describeNuget(id, version)
  const [endpoint, name = '', written = '', ...more] = segments
  const found = endpoint === 'package' && more.length === 0 ? describeNuget(name, written) : undefined
  return found && { ...found, kind: 'package' }
}
