import { createCachingDeliverer } from '../../../src/deliver/cache/caching-deliverer.ts'
import { createObjectStore } from '../../../src/deliver/cache/object-store.ts'
import type { Deliverer } from '../../../src/deliver/contract.ts'
import { createFilesDeliverer } from '../../../src/deliver/files.ts'
import { createHttpDeliverer } from '../../../src/deliver/http.ts'
import { startNginx } from '../../support/nginx.ts'
import { describeDeliverer, type Judged } from '../conformance.ts'
import { rewritingOf } from '../rewrite/rewriter-of.ts'

const MB = 1_048_576

const onFailure = (error: Error): void => {
  throw error
}

function cached(inner: Deliverer, defaultTtlMs: number, maxObjectBytes: number): Deliverer {
  return createCachingDeliverer(inner, {
    store: createObjectStore(64 * MB),
    repository: 'acme/files',
    maxObjectBytes,
    defaultTtlMs,
    patienceMs: 5_000,
    clock: Date.now,
    monotonic: () => performance.now(),
  })
}

function fromNginx(wrap: (inner: Deliverer) => Deliverer): (root: string) => Promise<Judged> {
  return async (root) => {
    const nginx = await startNginx({ root })
    const deliverer = wrap(
      createHttpDeliverer({
        url: `${nginx.url}/`,
        connections: 8,
        connectTimeoutMs: 2_000,
        headersTimeoutMs: 10_000,
        idleTimeoutMs: 10_000,
        onFailure,
      }),
    )
    const stop = async (): Promise<void> => {
      await deliverer.close()
      await nginx.stop()
    }
    return { deliverer, stop }
  }
}

describeDeliverer(
  'http from nginx, cached',
  fromNginx((inner) => cached(inner, 60_000, 4 * MB)),
)
describeDeliverer(
  'http from nginx, cached and always revalidated',
  fromNginx((inner) => cached(inner, 0, 4 * MB)),
)
describeDeliverer(
  'http from nginx, all but the smallest files too large for the cache',
  fromNginx((inner) => cached(inner, 60_000, 20)),
)
describeDeliverer(
  'http from nginx, cached, behind the rewriting of npm',
  fromNginx((inner) => rewritingOf('npm', cached(inner, 60_000, 4 * MB), undefined, { onFailure })),
)
describeDeliverer('files, cached', async (directory) => {
  const deliverer = cached(createFilesDeliverer({ directory, onFailure }), 60_000, 4 * MB)
  return { deliverer, stop: deliverer.close }
})
