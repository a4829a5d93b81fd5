import { createHttpDeliverer } from '../../../src/deliver/http.ts'
import type { Deliverer, DeliveryOrder } from '../../../src/deliver/contract.ts'
import { createRegistryDeliverer } from '../../../src/deliver/registry/registry-deliverer.ts'
import { registryUrl } from '../../../src/deliver/registry/registry-url.ts'
import { createRoom } from '../../../src/deliver/rewrite/room.ts'
import { docker } from '../../../src/request/formats/docker.ts'
import { startImageServer, type ImageServer } from '../../support/image-server.ts'
import { orderFor } from '../orders.ts'

const BASE_URL = 'https://dl.example.com/v2/acme/docker/'

/** A small registry, and a deliverer in front of it. */
export interface Rig extends AsyncDisposable {
  readonly server: ImageServer
  readonly deliverer: Deliverer
  /** Monotonic ms. */
  readonly time: { now: number }
  /** Why the storage failed, so far. */
  readonly failures: readonly string[]
}

export async function startRig(): Promise<Rig> {
  const server = await startImageServer()
  const time = { now: 0 }
  const failures: string[] = []
  const onFailure = (error: Error): void => void failures.push(error.message)
  const storage = createHttpDeliverer({
    url: registryUrl(`${server.url}/team/`),
    connections: 16,
    connectTimeoutMs: 2_000,
    headersTimeoutMs: 2_000,
    idleTimeoutMs: 2_000,
    onFailure,
    isRegistry: true,
  })
  const options = { monotonic: () => time.now, room: createRoom(64 * 1024 * 1024), onFailure }
  const deliverer = createRegistryDeliverer(storage, options)
  return {
    server,
    deliverer,
    time,
    failures,
    [Symbol.asyncDispose]: async () => {
      await deliverer.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** An order by a client that may fetch everything. */
export function imageOrder(path: string, more: Partial<DeliveryOrder> = {}): DeliveryOrder {
  return orderFor(path, { artifact: docker.recognize(path), baseUrl: BASE_URL, ...more })
}

/** An order by a client that may fetch these tags, by name. */
export function limitedOrder(path: string, tags: RegExp, more: Partial<DeliveryOrder> = {}): DeliveryOrder {
  const includes = (each: string): boolean => tags.test(docker.recognize(each).version ?? '')
  return imageOrder(path, { includes, includesAllVersions: () => false, ...more })
}
