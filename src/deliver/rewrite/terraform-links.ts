/** Where a module lies. */
export interface ModuleLocation {
  /** URL of its archive, or a path that is relative to the document. */
  readonly link: string
  /** Of the archive: `tar.gz`. */
  readonly end: string
  /** What stands behind the archive's URL for the client alone: a folder in it, its checksum. */
  readonly inside: string
}

const LOCATION =
  /^(?<link>(?:https?:\/\/[^/?#]+)?[^?#]*?)(?<folder>\/\/[^?#]*)?(?:\?(?<query>[^#]*))?(?:#.*)?$/
const END = /\.(zip|tar\.(?:gz|bz2|xz|zst)|t(?:gz|bz2|xz|zst))$/
const KNOWN_END = /^(?:zip|tar\.(?:gz|bz2|xz|zst)|t(?:gz|bz2|xz|zst))$/
/** No URL of a module is longer. */
const LONGEST = 4096
const FOLDER = /^[A-Za-z0-9._~/-]*$/
const CHECKSUM = /^[a-z0-9]+:[0-9A-Za-z+/=]+$/

/**
 * Reads where a registry says that a module lies (go-getter, "URL Format"). Rejects what is no archive on the web, such as a repository of git: the
 * gate could neither judge nor count it.
 */
export function readModuleLocation(document: Buffer): ModuleLocation {
  const { location } = JSON.parse(document.toString()) as { readonly location?: unknown }
  const written = typeof location === 'string' ? location.slice(0, LONGEST) : ''
  const { link = '', folder = '', query = '' } = LOCATION.exec(written)?.groups ?? {}
  const asked = new URLSearchParams(query)
  const end = asked.get('archive') ?? END.exec(link)?.[1] ?? ''
  const isFile = written === location && /^(?:https?:\/\/|\.{0,2}\/)/.test(link)
  if (!isFile || !KNOWN_END.test(end) || !FOLDER.test(folder))
    throw new SyntaxError('the storage has the module not as an archive on the web; the gate serves no other')
  const checksum = asked.get('checksum') ?? ''
  return { link, end, inside: folder + (CHECKSUM.test(checksum) ? `?checksum=${checksum}` : '') }
}

/** The document of a provider for one platform. */
export interface ProviderLinks {
  readonly download_url: string
  readonly shasums_url: string
  readonly shasums_signature_url: string
  readonly [other: string]: unknown
}

export function readProviderLinks(document: Buffer): ProviderLinks {
  const given = JSON.parse(document.toString()) as Readonly<Record<string, unknown>>
  const { download_url, shasums_url, shasums_signature_url } = given
  if (
    typeof download_url !== 'string' ||
    typeof shasums_url !== 'string' ||
    typeof shasums_signature_url !== 'string'
  )
    throw new SyntaxError("the storage's document of a provider lacks a URL")
  return { ...given, download_url, shasums_url, shasums_signature_url }
}
