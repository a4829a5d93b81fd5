import type { Artifact } from './types.ts'

/**
 * How a limit over packages judges a file: always or never covered, or as the package that it is (`package`), or as something free that
 * belongs to one package (`companion`: its document, a signature, a checksum). The last two have a name.
 */
type Coverage = 'always' | 'never' | 'package' | 'companion'

/**
 * - Indexes, signatures and checksums without a name, and keys, are always covered: without them no client can read anything.
 * - Listings, files that can't be told, and packages without a name are never covered.
 */
export function coverageOf({ kind, name }: Artifact): Coverage {
  switch (kind) {
    case 'package':
      return name === undefined ? 'never' : 'package'
    case 'metadata':
    case 'signature':
    case 'checksum':
      return name === undefined ? 'always' : 'companion'
    case 'key':
      return 'always'
    case 'listing':
    case 'unknown':
      return 'never'
  }
}
