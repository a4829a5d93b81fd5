import { createPlace } from '../../../src/deliver/s3/place.ts'
import { createFixed } from '../../../src/deliver/s3/credentials/renewed.ts'
import { createS3Deliverer } from '../../../src/deliver/s3/s3-deliverer.ts'
import { createSigner } from '../../../src/deliver/s3/sign.ts'
import { createWireClient } from '../../../src/deliver/wire/client.ts'
import { startSwift } from '../../support/swift.ts'
import { describeDeliverer } from '../conformance.ts'
import { MODIFIED } from '../tree.ts'

const onFailure = (error: Error): void => {
  throw error
}

describeDeliverer('s3, from Swift', async (root) => {
  const swift = await startSwift()
  await swift.createBucket('packages')
  await swift.upload('packages', root, '', { modified: MODIFIED })
  const { endpoint, region, accessKeyId, secretAccessKey } = swift
  const place = createPlace({ endpoint, bucket: 'packages', prefix: '', addressing: 'path' })
  const patience = { connections: 8, connectTimeoutMs: 2000, headersTimeoutMs: 10_000, idleTimeoutMs: 10_000 }
  const deliverer = createS3Deliverer({
    place,
    client: createWireClient({ ...patience, url: place.url }),
    signer: createSigner(region),
    credentials: createFixed({ accessKeyId, secretAccessKey, sessionToken: undefined, expiresAt: undefined }),
    clock: Date.now,
    patienceMs: 10_000,
    hasOthers: false,
    monotonic: () => performance.now(),
    random: Math.random,
    onFailure,
  })
  return {
    deliverer,
    stop: async () => {
      await deliverer.close()
      await swift[Symbol.asyncDispose]()
    },
  }
})
