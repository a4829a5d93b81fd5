import { join } from 'node:path'
import { startGate } from '../../support/gate.ts'
import { startStorage, type Storage } from '../../support/repositories.ts'
import { startSwift } from '../../support/swift.ts'
import { startTlsFront } from '../../support/tls-front.ts'
import { doorOfGate, entrance, freePorts, HOSTS, JS, STABLE, type Front } from './front.ts'

const FOLDERS = { [STABLE]: ['debian', 'deb'], [JS]: ['npm', 'npm'] } as const

/** Packages that lie in a folder, and in a bucket of Swift, too. */
export interface BucketStorage extends Storage {
  /** The group `s3` of a repository in the bucket. */
  readonly access: object
  /** Where customers reach the bucket over TLS. */
  readonly secureEndpoint: string
}

export async function startBucketStorage(): Promise<BucketStorage> {
  await using started = new AsyncDisposableStack()
  const swift = started.use(await startSwift())
  const storage = started.use(await startStorage('deb', 'npm'))
  await swift.createBucket('packages')
  for (const [folder] of Object.values(FOLDERS))
    await swift.upload('packages', join(storage.root, folder), `${folder}/`)
  const secure = started.use(await startTlsFront(swift.port))
  const kept = started.move()
  return {
    ...storage,
    access: swift.access,
    secureEndpoint: secure.url,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Customers reach the gate itself, and the packages lie in the bucket. */
function fromBucket(name: string, deliver: 'stream' | 'redirect'): Front<BucketStorage> {
  const isByLinks = deliver === 'redirect'
  return {
    name,
    isByLinks,
    start: async ({ access, secureEndpoint }, { door = 'http', config } = {}) => {
      // A link leads from TLS to TLS, or clients do not follow it.
      const s3 = isByLinks && door !== 'http' ? { ...access, public_endpoint: secureEndpoint } : access
      const repositories = Object.fromEntries(
        Object.entries(FOLDERS).map(([repository, [folder, format]]) => [
          repository,
          { format, upstream: `s3://packages/${folder}`, deliver, s3 },
        ]),
      )
      const [port = 0] = await freePorts(1)
      const gate = await startGate({
        config: { ...doorOfGate(port, door), hosts: HOSTS, repositories, ...config },
      })
      const { [Symbol.asyncDispose]: end } = gate
      return { ...entrance(port, door), gate, server: undefined, [Symbol.asyncDispose]: end }
    },
  }
}

export const bucket: Front<BucketStorage> = fromBucket('a bucket of S3', 'stream')
export const links: Front<BucketStorage> = fromBucket('links to a bucket of S3', 'redirect')
