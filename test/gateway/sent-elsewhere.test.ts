import { expect, test } from 'vitest'
import type { Judgement } from '../../src/gateway/authorize.ts'
import { judgePlace } from '../../src/gateway/sent-elsewhere.ts'
import type { Format, TokenRecord } from '../../src/policy/types.ts'
import { compileToken, newRecord } from '../policy/records.ts'

const GATE = 'https://packages.example.com/basic/acme/deb/'
const BUCKET = 'https://bucket.s3.eu-central-1.amazonaws.com/'
const LOGIN = { authorization: 'Basic dG9rZW46U0VDUkVU' }

interface Case {
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly format?: Format
  readonly place?: string
  readonly base?: string
  readonly fields?: Partial<TokenRecord>
}

function mayBeSent({
  headers = {},
  format = 'deb',
  place = BUCKET,
  base = GATE,
  fields = {},
}: Case): boolean {
  const token = compileToken(newRecord(fields), { digest: 'd', validUntil: null })
  const served = { repository: { owner: 'acme', repo: 'deb', format, public: false } }
  const judgement = { token, served, secret: 'SECRET' } as unknown as Judgement
  return judgePlace(
    { headers: { host: 'packages.example.com', ...headers } },
    judgement,
    base,
  )(new URL(place))
}

test.each<[string, Case]>([
  ['shows no credential but the URL', {}],
  ['leaves Authorization out for other hosts, as apt does', { headers: LOGIN }],
  ['shows none, whatever its format', { format: 'helm' }],
  ['came without TLS', { base: 'http://127.0.0.1:8080/x/acme/deb/', place: 'http://minio:9000' }],
])('a client that %s may be sent on', (_, given) => {
  expect(mayBeSent(given)).toBe(true)
})

test.each<[string, Case]>([
  ['is of a format of whose clients that is not known', { headers: LOGIN, format: 'helm' }],
  ['shows X-Api-Key, which goes along', { headers: { 'x-api-key': 'SECRET' } }],
  ['has the secret in another header, as npm does', { headers: { 'pacote-pkg-id': 'a@https://x/SECRET/' } }],
  ['says something to S3 that no link is signed with', { headers: { 'x-amz-acl': 'public-read' } }],
  ['would be led out of TLS', { place: 'http://minio.example.com:9000/' }],
  ['would be led to a host below its own', { headers: LOGIN, place: 'https://s3.packages.example.com/' }],
  [
    'would be led to another port of its host',
    { headers: LOGIN, place: 'https://packages.example.com:9000/' },
  ],
  ['names no host', { headers: { ...LOGIN, host: '' } }],
  ['leaves the host out', { headers: { ...LOGIN, host: undefined } }],
  ['may have so many downloads at once', { fields: { limitConcurrency: 1 } }],
])('a client that %s is not sent on', (_, given) => {
  expect(mayBeSent(given)).toBe(false)
})
