import { encodeKey } from './encode-key.ts'

export interface BucketOptions {
  /** Scheme, host and port of the storage. */
  readonly endpoint: string
  readonly bucket: string
  /** What the keys of the repository begin with: empty, or ends in a slash. */
  readonly prefix: string
  /** `virtual`: the bucket is a part of the host name; `path`: the first segment of the path. */
  readonly addressing: 'path' | 'virtual'
}

/** Where the keys of a repository are asked for. */
export interface BucketPlace {
  /** What is connected to. */
  readonly url: URL
  /** The path of the repository, encoded, with a slash at its end. */
  readonly base: string
  /** The path of the file at a canonical path, encoded; undefined when no key can be as long. */
  readonly pathOf: (path: string) => string | undefined
}

/** Bytes of UTF-8. */
const LONGEST_KEY = 1024

export function createPlace({ endpoint, bucket, prefix, addressing }: BucketOptions): BucketPlace {
  const url = new URL(endpoint)
  if (addressing === 'virtual') url.hostname = `${bucket}.${url.hostname}`
  const base = (addressing === 'virtual' ? '/' : `/${bucket}/`) + encodeKey(prefix)
  const room = LONGEST_KEY - Buffer.byteLength(prefix)
  return {
    url,
    base,
    pathOf: (path) => (Buffer.byteLength(path) > room ? undefined : base + encodeKey(path)),
  }
}
