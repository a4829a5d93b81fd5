import { expect, test } from 'vitest'
import type { Credentials, CredentialProvider } from '../../../src/deliver/s3/credentials/contract.ts'
import { startCrudeServer } from '../../support/crude-server.ts'
import { deliver, orderFor, refusalOf } from '../orders.ts'
import { answerWith } from '../storages.ts'
import { KEYS, openBucket } from './buckets.ts'

const OK = answerWith('200 OK', { 'content-length': '4', etag: '"a"' }, 'body')

/** S3's answer, with more in it than anybody may learn. */
function refusing(status: string, code: string, message = 'Access Denied') {
  const more = '<StringToSign>AWS4-HMAC-SHA256 hunter2</StringToSign><HostId>inner</HostId>'
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`
  const length = { 'content-type': 'application/xml', 'content-length': String(body.length) }
  return (socket: Parameters<typeof OK>[0], head: string): void => {
    answerWith(status, length, head.startsWith('HEAD ') ? '' : body)(socket)
  }
}

/** A storage that always refuses in the same way: what the client and the operator hear, of GET and of HEAD. */
async function outcomes(status: string, code: string, message?: string) {
  await using server = await startCrudeServer(refusing(status, code, message))
  await using bucket = openBucket(server.url)
  const codes = []
  for (const method of ['GET', 'HEAD'] as const) {
    codes.push(await refusalOf(bucket.deliverer, orderFor('x', { method })))
  }
  return { codes: [...new Set(codes)], failures: [...new Set(bucket.failures)] }
}

const LIST =
  'User: arn:aws:iam::1:user/gate is not authorized to perform: s3:ListBucket on resource: &quot;arn:aws:s3:::packages&quot;'

test.each([
  ['404 Not Found', 'NoSuchKey', 'The specified key does not exist.'],
  ['403 Forbidden', 'AccessDenied', 'Access Denied'],
  ['403 Forbidden', 'AccessDenied', LIST],
  ['400 Bad Request', 'KeyTooLongError', 'Your key is too long'],
])('%s %s is the absence of a file: %s', async (status, code, message) => {
  expect(await outcomes(status, code, message)).toEqual({ codes: ['not_found'], failures: [] })
})

const MAY_NOT_READ = LIST.replace('s3:ListBucket', 's3:GetObject')

test.each([
  ['403 Forbidden', 'SignatureDoesNotMatch', '', /secret access key is wrong/],
  ['403 Forbidden', 'InvalidAccessKeyId', '', /does not know the access key id/],
  ['403 Forbidden', 'RequestTimeTooSkewed', '', /clock/],
  ['403 Forbidden', 'AccessDenied', MAY_NOT_READ, /may not read it \(s3:GetObject\)/],
  ['403 Forbidden', 'InvalidObjectState', '', /archived/],
  ['403 Forbidden', 'AllAccessDisabled', '', /403 AllAccessDisabled$/],
  ['400 Bad Request', 'ExpiredToken', '', /have expired/],
  ['400 Bad Request', 'InvalidToken', '', /session token/],
  ['400 Bad Request', 'AuthorizationHeaderMalformed', '', /region/],
  ['404 Not Found', 'NoSuchBucket', '', /no such bucket/],
  ['301 Moved Permanently', 'PermanentRedirect', '', /the bucket is elsewhere/],
  ['307 Temporary Redirect', 'TemporaryRedirect', '', /the bucket is elsewhere/],
  ['503 Slow Down', 'SlowDown', '', /asked too often/],
  ['500 Internal Server Error', 'InternalError', '', /500 InternalError$/],
] as const)('%s %s is a failure, of which the operator learns why', async (status, code, message, told) => {
  const { codes, failures } = await outcomes(status, code, message)
  expect(codes).toEqual(['upstream_failed'])
  expect(failures).toEqual([expect.stringMatching(told)])
  expect(failures.join()).not.toContain('hunter2')
})

test('a refusal without a reason is no absence', async () => {
  await using server = await startCrudeServer(answerWith('403 Forbidden', { 'content-length': '4' }, 'nope'))
  await using bucket = openBucket(server.url)
  expect(await refusalOf(bucket.deliverer, orderFor('x'))).toBe('upstream_failed')
  expect(bucket.failures).toEqual(['the storage answered 403 without a reason'])
})

test('an endless reason is not read to its end', async () => {
  await using server = await startCrudeServer((socket) => {
    socket.write('HTTP/1.1 403 Forbidden\r\n\r\n')
    const timer = setInterval(() => socket.write('x'.repeat(16_384)), 1)
    socket.once('close', () => clearInterval(timer))
  })
  await using bucket = openBucket(server.url)
  expect(await refusalOf(bucket.deliverer, orderFor('x'))).toBe('upstream_failed')
})

/** Credentials that are replaced when they are refused. */
function replaceable(): CredentialProvider & { readonly renewals: () => number } {
  let number = 0
  const make = (): Credentials => ({
    ...KEYS,
    accessKeyId: `AKIA${number}`,
    sessionToken: `session${number}`,
  })
  let held = make()
  return {
    current: () => held,
    renew: () => {
      number++
      held = make()
    },
    renewals: () => number,
  }
}

test('expired credentials are renewed, and the request is made once more with the new ones', async () => {
  const expired = refusing('400 Bad Request', 'ExpiredToken')
  await using server = await startCrudeServer((socket, head) =>
    head.includes('Credential=AKIA0/') ? expired(socket, head) : OK(socket),
  )
  const credentials = replaceable()
  await using bucket = openBucket(server.url, { credentials })
  expect((await deliver(bucket.deliverer, orderFor('x'))).content.toString()).toBe('body')
  expect(server.requests().at(-1)).toContain('x-amz-security-token: session1')
  expect([credentials.renewals(), server.requests().length, bucket.failures]).toEqual([1, 2, []])
})

test('credentials that are always refused are renewed once for a request', async () => {
  await using server = await startCrudeServer(refusing('400 Bad Request', 'ExpiredToken'))
  const credentials = replaceable()
  await using bucket = openBucket(server.url, { credentials })
  expect(await refusalOf(bucket.deliverer, orderFor('x'))).toBe('upstream_failed')
  expect([credentials.renewals(), server.requests().length]).toEqual([1, 2])
})

test('without credentials nothing is asked, and the operator learns why', async () => {
  await using server = await startCrudeServer(OK)
  const current = (): Promise<Credentials> => Promise.reject(new Error('no credentials for the storage'))
  await using bucket = openBucket(server.url, { credentials: { current, renew: () => undefined } })
  expect(await refusalOf(bucket.deliverer, orderFor('x'))).toBe('upstream_failed')
  expect(await refusalOf(bucket.links, orderFor('x', { mayBeSentTo: () => true }))).toBe('upstream_failed')
  expect(bucket.failures).toContain('no credentials for the storage')
  expect(server.requests()).toEqual([])
})

test('a kept connection that was closed is not held against the storage', async () => {
  await using server = await startCrudeServer((socket, _, number) =>
    number === 2 ? socket.resetAndDestroy() : OK(socket),
  )
  await using bucket = openBucket(server.url)
  await deliver(bucket.deliverer, orderFor('first'))
  expect((await deliver(bucket.deliverer, orderFor('second'))).content.toString()).toBe('body')
  expect(bucket.failures).toEqual([])
})

test('a part of another version of the file is not passed on, although the storage sends it', async () => {
  await using server = await startCrudeServer((socket, head) =>
    /^range:/m.test(head)
      ? answerWith(
          '206 Partial Content',
          {
            'content-length': '2',
            'content-range': 'bytes 2-3/4',
            etag: '"new"',
          },
          'dy',
        )(socket)
      : OK(socket),
  )
  await using bucket = openBucket(server.url)
  const headers = { range: 'bytes=2-3', 'if-range': '"old"' }
  const answer = await deliver(bucket.deliverer, orderFor('x', { headers }))
  expect([answer.status, answer.content.toString()]).toEqual([200, 'body'])
})

test('only headers about the content go out', async () => {
  const affairs = {
    'x-amz-request-id': '1',
    'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:eu-central-1:1:key/1',
    'x-amz-meta-owner': 'somebody',
    'x-minio-deployment-id': '1',
    server: 'AmazonS3',
    'content-type': 'text/plain',
  }
  await using server = await startCrudeServer(
    answerWith('200 OK', { ...affairs, 'content-length': '4' }, 'body'),
  )
  await using bucket = openBucket(server.url)
  const { headers } = await deliver(bucket.deliverer, orderFor('x'))
  expect(headers).toEqual(['content-type', 'text/plain', 'content-length', '4', 'accept-ranges', 'bytes'])
})
