import { join } from 'node:path'
import { startGate } from '../../support/gate.ts'
import { startSwift } from '../../support/swift.ts'
import { freePorts, JS, STABLE, type Front } from './front.ts'

const FOLDERS = { [STABLE]: ['debian', 'deb'], [JS]: ['npm', 'npm'] } as const

/** Customers reach the gate itself, and the packages lie in buckets of Swift. */
function fromBucket(name: string, deliver: 'stream' | 'redirect'): Front {
  return {
    name,
    start: async (storage, config) => {
      await using started = new AsyncDisposableStack()
      const swift = started.use(await startSwift())
      await swift.createBucket('packages')
      for (const [folder] of Object.values(FOLDERS))
        await swift.upload('packages', join(storage.root, folder), `${folder}/`)
      const repositories = Object.fromEntries(
        Object.entries(FOLDERS).map(([repository, [folder, format]]) => [
          repository,
          { format, upstream: `s3://packages/${folder}`, deliver, s3: swift.access },
        ]),
      )
      const [port = 0] = await freePorts(1)
      const url = `http://127.0.0.1:${port}`
      const gate = started.use(
        await startGate({
          config: { listen: `127.0.0.1:${port}`, public_url: url, repositories, ...config },
        }),
      )
      const stack = started.move()
      return { url, gate, pid: undefined, [Symbol.asyncDispose]: () => stack.disposeAsync() }
    },
  }
}

export const bucket: Front = fromBucket('a bucket of S3', 'stream')
export const links: Front = fromBucket('links to a bucket of S3', 'redirect')
