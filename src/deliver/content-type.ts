import type { Artifact } from '../policy/types.ts'
import { FORMAT_DELIVERIES } from './formats.ts'

const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    asc: 'text/plain; charset=utf-8',
    bz2: 'application/x-bzip2',
    deb: 'application/vnd.debian.binary-package',
    gz: 'application/gzip',
    json: 'application/json',
    md: 'text/plain; charset=utf-8',
    rpm: 'application/x-rpm',
    tgz: 'application/gzip',
    txt: 'text/plain; charset=utf-8',
    xml: 'text/plain; charset=utf-8',
    xz: 'application/x-xz',
    zip: 'application/zip',
    zst: 'application/zstd',
  }),
)

/** Media type by extension. Nothing that a browser would run: HTML and SVG are downloads, XML (which can be XHTML) is text. */
export function contentType(artifact: Artifact): string {
  const { format, kind, filename } = artifact
  const known = kind === 'metadata' ? FORMAT_DELIVERIES[format].documentType?.(artifact) : undefined
  if (known !== undefined) return known
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase()
  if (extension !== filename.toLowerCase()) return TYPES.get(extension) ?? 'application/octet-stream'
  return kind === 'package' ? 'application/octet-stream' : 'text/plain; charset=utf-8'
}
