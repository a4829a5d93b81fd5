import { refuse, type Refusal } from '../../policy/refusal.ts'
import { statusFailure } from '../away.ts'

/** What S3 says when it does not give a file. */
export interface Reason {
  readonly status: number
  /** undefined: it does not say, or not in S3's words. */
  readonly code: string | undefined
  /** It says that the file may not be read, not that nobody may know whether it is there. */
  readonly isForbidden: boolean
  /** It may give the file in a moment. */
  readonly passes: boolean
}

const CODE = /<Code>\s*([A-Za-z0-9.]{1,64})\s*<\/Code>/
const MESSAGE = /<Message>([^<]{0,2000})<\/Message>/

/** Reads S3's error document. Of its text nothing but the code is kept: with a wrong signature, all that was signed stands in it. */
export function readReason(status: number, text: string): Reason {
  const isForbidden = /\bs3:GetObject\b/.test(MESSAGE.exec(text)?.[1] ?? '')
  const code = CODE.exec(text)?.[1]
  return { status, code, isForbidden, passes: PASSING.has(code) }
}

/** What S3 asks its clients to try again; `SlowDownRead` is MinIO's. */
const PASSING: ReadonlySet<string | undefined> = new Set([
  'SlowDown',
  'SlowDownRead',
  'InternalError',
  'ServiceUnavailable',
  'RequestTimeout',
])

const EXPIRED: ReadonlySet<string | undefined> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
])

/** The credentials were good once. */
export function isExpired({ code }: Reason): boolean {
  return EXPIRED.has(code)
}

/** "There is no such key", and what only says that there can't be one. */
const ABSENT: ReadonlySet<string | undefined> = new Set([
  'NoSuchKey',
  'NoSuchVersion',
  'KeyTooLongError',
  'MethodNotAllowed',
])

const REGION = 'look at s3.region and s3.endpoint'
const ADVICE: Readonly<Record<string, string>> = {
  SignatureDoesNotMatch: `the secret access key is wrong; or ${REGION}`,
  InvalidAccessKeyId: 'it does not know the access key id',
  ExpiredToken: 'the credentials have expired',
  ExpiredTokenException: 'the credentials have expired',
  TokenRefreshRequired: 'the credentials have expired',
  InvalidToken: 'the session token does not belong to the access key id',
  RequestTimeTooSkewed: 'the clock of this machine, or the storage’s, is off',
  AuthorizationHeaderMalformed: `the region is another one; ${REGION}`,
  PermanentRedirect: `the bucket is elsewhere; ${REGION}`,
  TemporaryRedirect: `the bucket is elsewhere; ${REGION}`,
  IllegalLocationConstraintException: `the bucket is elsewhere; ${REGION}`,
  NoSuchBucket: 'there is no such bucket',
  InvalidBucketName: 'no bucket can be called so',
  InvalidObjectState: 'the file is archived, and has to be restored before it can be read',
  SlowDown: 'it is asked too often',
  SlowDownRead: 'it is asked too often, or too few of its disks are there',
}

/**
 * What the client is told. An Error is for the operator: the storage does not work for anybody, and must not look like one that is empty.
 * `AccessDenied` is what S3 says for a key that is not there to who may not list the bucket.
 */
export function judgeReason(reason: Reason): Refusal | Error {
  const { status, code, isForbidden } = reason
  const isAbsent = ABSENT.has(code) || (code === undefined && (status === 404 || status === 410))
  if (isAbsent || (code === 'AccessDenied' && !isForbidden)) return refuse('not_found')
  if (code === undefined) return statusFailure(status, `the storage answered ${status} without a reason`)
  const advice = isForbidden ? 'the credentials may not read it (s3:GetObject)' : ADVICE[code]
  return statusFailure(
    status,
    `the storage answered ${status} ${code}${advice === undefined ? '' : `: ${advice}`}`,
  )
}
