import { sign as signByAws4 } from 'aws4'
import { test } from 'vitest'
import type { Credentials } from '../src/deliver/s3/credentials/contract.ts'
import { encodeKey } from '../src/deliver/s3/encode-key.ts'
import { createSigner } from '../src/deliver/s3/sign.ts'

/** What a request to S3 costs more than one to another storage. */

const HOST = 'packages.s3.eu-central-1.amazonaws.com'
const REGION = 'eu-central-1'
const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)
const PLAIN = 'debian/pool/main/f/foo/libfoo-demo_1.5-1_amd64.deb'
const ODD = 'debian/pool/main/g/g++/g++_1:1.5~rc1+git (2)_amd64.deb'
const KEYS: Credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: undefined,
  expiresAt: undefined,
}
const TEMPORARY: Credentials = { ...KEYS, sessionToken: 'x'.repeat(800) }

test('signing a request', async ({ bench }) => {
  const signer = createSigner(REGION)
  const headersFor = (key: string, credentials: Credentials) =>
    signer.headersFor({ method: 'GET', path: `/${encodeKey(key)}` }, HOST, credentials, NOW)
  const { accessKeyId, secretAccessKey } = KEYS
  const byAws4 = () => {
    const request = { service: 's3', region: REGION, host: HOST, path: `/${encodeKey(PLAIN)}` }
    return signByAws4(request, { accessKeyId, secretAccessKey }).headers as Record<string, string>
  }
  if (!/Signature=[0-9a-f]{64}$/.test(byAws4()['Authorization'] ?? '')) throw new Error('aws4 signs nothing')
  await bench.compare(
    bench('a plain key', () => void headersFor(PLAIN, KEYS)),
    bench('a key with marks', () => void headersFor(ODD, KEYS)),
    bench('with a session token', () => void headersFor(PLAIN, TEMPORARY)),
    bench('aws4, for comparison', () => void byAws4()),
  )
})

test('making a link', async ({ bench }) => {
  const signer = createSigner(REGION)
  const terms = { lifetimeSeconds: 60, id: '01JD0000000000000000000000' }
  const link = (credentials: Credentials) =>
    signer.linkQueryFor(`/${encodeKey(PLAIN)}`, HOST, credentials, NOW, terms)
  await bench.compare(
    bench('with keys', () => void link(KEYS)),
    bench('with a session token', () => void link(TEMPORARY)),
  )
})
