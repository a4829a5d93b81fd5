const ATTACHED = /^sha256-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/

/**
 * The digest of the image that a tag speaks of by its name: `sha256-….sig`, `.att` and `.sbom` (cosign), or `sha256-…`, which lists what is
 * attached where a registry has no list of referrers (OCI distribution, "Referrers Tag Schema"). undefined for every other tag.
 */
export function subjectOfTag(tag: string): string | undefined {
  const hex = ATTACHED.exec(tag)?.[1]
  return hex === undefined ? undefined : `sha256:${hex}`
}
