import { isIP } from 'node:net'
import type { Path } from './mistake.ts'
import { bad, good, type Parsed } from './parsed.ts'
import { domainOf, resolveCredentials } from './s3-credentials.ts'
import type { GivenS3 } from './s3.ts'
import type { Variables } from './substitute.ts'
import type { S3Upstream } from './types.ts'

/** What `s3://bucket/prefix` says by itself. */
export type BucketName = Pick<S3Upstream, 'kind' | 'bucket' | 'prefix'>

const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/

/** Reads what stands behind `s3:`. The prefix is taken as it is written: `%20` is three characters. */
export function parseBucket(text: string): Parsed<BucketName> {
  const [, bucket = '', prefix = ''] = /^\/\/([^/]*)(?:\/(.*))?$/s.exec(text) ?? []
  if (!BUCKET.test(bucket)) return bad('names no bucket; write one like s3://packages/debian')
  const segments = prefix.replace(/\/$/, '').split('/')
  const isOdd = segments.some((each) => each === '' || each === '.' || each === '..')
  if (prefix !== '' && (isOdd || /\p{C}/u.test(prefix))) {
    return bad('has an empty segment, a dot or a control character in its prefix; no path could lead there')
  }
  return good({ kind: 's3', bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` })
}

/** What others than AWS take for their region. */
const USUAL_REGION = 'us-east-1'

type Resolved<T> = { readonly ok: true; readonly value: T } | (Finding & { readonly ok: false })
interface Finding {
  /** Below the group `s3`. */
  readonly path: Path
  readonly message: string
}

/** Joins the bucket with what is said, and what AWS's variables say, of how it is reached. */
export function resolveS3(bucket: BucketName, given: GivenS3, variables: Variables): Resolved<S3Upstream> {
  const { endpoint: own, addressing } = given
  const region = given.region ?? regionOf(variables) ?? (own === undefined ? undefined : USUAL_REGION)
  if (region === undefined) {
    return wrong('region', 'is missing; AWS needs the region of the bucket, like eu-central-1')
  }
  const endpoint = own ?? `https://s3.${region}.${domainOf(region)}`
  const publicEndpoint = given.public_endpoint ?? endpoint
  const isNamed = [endpoint, publicEndpoint].every((each) => canBeNamed(bucket.bucket, each))
  if (addressing === 'virtual' && !isNamed) {
    return wrong('addressing', 'is virtual, but no host can be called like this bucket there; write path')
  }
  const credentials = resolveCredentials(given.credentials, variables, region)
  if (!credentials.ok) return wrong('credentials', credentials.why)
  const value = {
    ...bucket,
    endpoint,
    publicEndpoint,
    region,
    addressing: addressing ?? (own === undefined && isNamed ? 'virtual' : 'path'),
    credentials: credentials.value,
    linkMs: given.link_lifetime,
  } as const
  return { ok: true, value }
}

function wrong(key: string, message: string): Finding & { readonly ok: false } {
  return { ok: false, path: [key], message }
}

function regionOf(variables: Variables): string | undefined {
  return variables['AWS_REGION'] || variables['AWS_DEFAULT_REGION'] || undefined
}

/** A certificate for `*.s3.example.com` does not cover `a.b.s3.example.com`. */
function canBeNamed(bucket: string, endpoint: string): boolean {
  const { protocol, hostname } = new URL(endpoint)
  const isHost = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])$/.test(bucket) && !bucket.includes('..')
  const isCovered = protocol === 'http:' || !bucket.includes('.')
  return isHost && isCovered && isIP(hostname) === 0 && !hostname.startsWith('[')
}
