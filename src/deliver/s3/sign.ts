import { createHmac, hash } from 'node:crypto'
import type { Credentials } from './credentials/contract.ts'
import { encodeValue } from './encode-key.ts'

/** A request without a body, as it is signed. */
export interface Signable {
  readonly method: 'GET' | 'HEAD'
  /** Encoded, see encode-key.ts; without a query. */
  readonly path: string
}

/** How a link is made. */
interface LinkTerms {
  /** At most a week. */
  readonly lifetimeSeconds: number
  /** Letters and digits, by which the storage's log names the link again: S3 passes over parameters that begin with `x-`, and logs them. */
  readonly id: string
}

/** Signs for one region with AWS Signature Version 4. `now` is epoch ms. */
export interface Signer {
  /** The headers that make a signed request of one to `host`; the same second gives the same headers. */
  readonly headersFor: (
    request: Signable,
    host: string,
    credentials: Credentials,
    now: number,
  ) => Record<string, string>
  /** The query of a link for GET: whoever has it may fetch the file, also in parts, until it expires. */
  readonly linkQueryFor: (
    path: string,
    host: string,
    credentials: Credentials,
    now: number,
    terms: LinkTerms,
  ) => string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
const NO_BODY = hash('sha256', '')
/** The parameter of a link that holds its id. */
const ID_PARAMETER = 'x-postern-id'

export function createSigner(region: string): Signer {
  const instantOf = createInstants()
  const keyOf = createKeys(region)
  const sign = (canonical: string, instant: Instant, { secretAccessKey }: Credentials): string => {
    const text = `${ALGORITHM}\n${instant.time}\n${scopeOf(instant)}\n${hash('sha256', canonical)}`
    return createHmac('sha256', keyOf(secretAccessKey, instant.day)).update(text).digest('hex')
  }
  const scopeOf = ({ day }: Instant): string => `${day}/${region}/s3/aws4_request`
  return {
    headersFor: ({ method, path }, host, credentials, now) => {
      const instant = instantOf(now)
      const { accessKeyId, sessionToken } = credentials
      const isTemporary = sessionToken !== undefined
      const names = `host;x-amz-content-sha256;x-amz-date${isTemporary ? ';x-amz-security-token' : ''}`
      const lines = `host:${host}\nx-amz-content-sha256:${NO_BODY}\nx-amz-date:${instant.time}\n${
        isTemporary ? `x-amz-security-token:${sessionToken}\n` : ''
      }`
      const canonical = `${method}\n${path}\n\n${lines}\n${names}\n${NO_BODY}`
      const signature = sign(canonical, instant, credentials)
      return {
        authorization: `${ALGORITHM} Credential=${accessKeyId}/${scopeOf(instant)}, SignedHeaders=${names}, Signature=${signature}`,
        'x-amz-content-sha256': NO_BODY,
        'x-amz-date': instant.time,
        ...(isTemporary && { 'x-amz-security-token': sessionToken }),
      }
    },
    linkQueryFor: (path, host, credentials, now, { lifetimeSeconds, id }) => {
      const instant = instantOf(now)
      const { accessKeyId, sessionToken } = credentials
      // In the order in which they are signed: that of their bytes.
      const query = [
        `X-Amz-Algorithm=${ALGORITHM}`,
        `X-Amz-Credential=${encodeValue(`${accessKeyId}/${scopeOf(instant)}`)}`,
        `X-Amz-Date=${instant.time}`,
        `X-Amz-Expires=${lifetimeSeconds}`,
        ...(sessionToken === undefined ? [] : [`X-Amz-Security-Token=${encodeValue(sessionToken)}`]),
        'X-Amz-SignedHeaders=host',
        `${ID_PARAMETER}=${encodeValue(id)}`,
      ].join('&')
      const canonical = `GET\n${path}\n${query}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`
      return `${query}&X-Amz-Signature=${sign(canonical, instant, credentials)}`
    },
  }
}

interface Instant {
  /** `20260304`, UTC. */
  readonly day: string
  /** `20260304T050607Z`. */
  readonly time: string
}

/** Writing a date takes longer than hashing with it, and all requests of a second share one. */
function createInstants(): (now: number) => Instant {
  let second = Number.NaN
  let instant: Instant = { day: '', time: '' }
  return (now) => {
    if (Math.floor(now / 1000) === second) return instant
    second = Math.floor(now / 1000)
    const time = `${new Date(second * 1000).toISOString().slice(0, 19).replaceAll(/[:-]/g, '')}Z`
    instant = { day: time.slice(0, 8), time }
    return instant
  }
}

/** Four hashes make a key, which is good for a day. */
function createKeys(region: string): (secretAccessKey: string, day: string) => Buffer {
  let latest: { readonly secret: string; readonly day: string; readonly key: Buffer } | undefined
  return (secret, day) => {
    if (latest?.day === day && latest.secret === secret) return latest.key
    const key = [region, 's3', 'aws4_request'].reduce(hmac, hmac(Buffer.from(`AWS4${secret}`), day))
    latest = { secret, day, key }
    return key
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
