import type { Credentials } from '../../../src/deliver/s3/credentials/contract.ts'
import { createFixed } from '../../../src/deliver/s3/credentials/renewed.ts'
import { createLinkDeliverer, type LinkOptions } from '../../../src/deliver/s3/link-deliverer.ts'
import { createPlace, type BucketOptions } from '../../../src/deliver/s3/place.ts'
import { createS3Deliverer, type S3Options } from '../../../src/deliver/s3/s3-deliverer.ts'
import { createSigner } from '../../../src/deliver/s3/sign.ts'
import { createWireClient } from '../../../src/deliver/wire/client.ts'
import type { WireOptions } from '../../../src/deliver/wire/options.ts'
import type { Deliverer } from '../../../src/deliver/contract.ts'

const REGION = 'us-east-1'

/** Like keys that somebody made by hand. */
export const KEYS: Credentials = {
  accessKeyId: 'test:tester',
  secretAccessKey: 'testing',
  sessionToken: undefined,
  expiresAt: undefined,
}

/** A deliverer of a bucket, and what the operator was told. */
export interface Bucket extends AsyncDisposable {
  readonly deliverer: Deliverer
  /** The same with links. Close one of them. */
  readonly links: Deliverer
  readonly failures: readonly string[]
}

type Overrides = Partial<BucketOptions> &
  Partial<Pick<S3Options, 'credentials' | 'clock' | 'patienceMs' | 'hasOthers' | 'random'>> &
  Partial<Pick<LinkOptions, 'lifetimeMs'>> &
  Partial<Pick<WireOptions, 'lookup'>> & { readonly region?: string }

export function openBucket(endpoint: string, overrides: Overrides = {}): Bucket {
  const { credentials = createFixed(KEYS), clock = Date.now, region = REGION } = overrides
  const failures: string[] = []
  const place = createPlace({
    endpoint,
    bucket: 'packages',
    prefix: '',
    addressing: 'path',
    ...overrides,
  })
  const onFailure = (error: Error): number => failures.push(error.message)
  const signing = { place, signer: createSigner(region), credentials, clock, onFailure }
  const client = createWireClient({
    url: place.url,
    connections: 8,
    connectTimeoutMs: 5000,
    headersTimeoutMs: 5000,
    idleTimeoutMs: 5000,
    ...(overrides.lookup && { lookup: overrides.lookup }),
  })
  const deliverer = createS3Deliverer({
    ...signing,
    client,
    patienceMs: overrides.patienceMs ?? 10_000,
    hasOthers: overrides.hasOthers ?? false,
    monotonic: () => performance.now(),
    random: overrides.random ?? (() => 0),
  })
  let ids = 0
  const link = { ...signing, lifetimeMs: overrides.lifetimeMs ?? 60_000, newId: () => `id${++ids}` }
  const links = createLinkDeliverer(deliverer, [link], () => 0)
  return { deliverer, links, failures, [Symbol.asyncDispose]: () => deliverer.close() }
}
