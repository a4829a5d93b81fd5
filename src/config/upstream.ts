import { parseHttpUrl } from './http-url.ts'
import { bad, good, type Parsed } from './parsed.ts'
import { parseBucket, type BucketName } from './s3-upstream.ts'
import type { S3Upstream, UpstreamConfig } from './types.ts'

/** What an upstream says by itself: of a bucket, not how it is reached. */
export type ParsedUpstream = Exclude<UpstreamConfig, S3Upstream> | BucketName

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/

/**
 * Reads where a repository's files lie: an http(s) URL, which gets a trailing slash, `s3://bucket/prefix`, or `file:` and a path as it is
 * written (no escapes; still relative). The messages never repeat a URL, for it may hold a password.
 */
export function parseUpstream(text: string): Parsed<ParsedUpstream> {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'file') return parseFolder(text.slice('file:'.length))
  if (scheme === 's3') return parseBucket(text.slice('s3:'.length))
  if (scheme === 'http' || scheme === 'https') return parseStorage(text)
  if (/^[./~]/.test(text)) return bad('looks like a path; write file: before it')
  return bad('must begin with http://, https://, s3:// or file:')
}

function parseStorage(text: string): Parsed<ParsedUpstream> {
  const url = parseHttpUrl(text)
  if (!url.ok) return url
  const { href } = url.value
  return good({ kind: 'http', url: href.endsWith('/') ? href : `${href}/` })
}

/** `file:///srv/x` means `/srv/x`, as in every URL. */
function parseFolder(path: string): Parsed<ParsedUpstream> {
  if (path === '') return bad('names no folder; write one like file:data/files/')
  if (!path.startsWith('//')) return good({ kind: 'files', directory: path })
  if (!path.startsWith('///'))
    return bad('names a host; a folder is file:relative/path or file:/absolute/path')
  return good({ kind: 'files', directory: path.slice(2) })
}
