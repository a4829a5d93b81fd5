import { createHttpDeliverer } from '../../src/deliver/http.ts'
import { startNginx } from '../support/nginx.ts'
import { describeDeliverer } from './conformance.ts'

const onFailure = (error: Error): void => {
  throw error
}

describeDeliverer('http, from nginx', async (root) => {
  const nginx = await startNginx({ root })
  const deliverer = createHttpDeliverer({
    url: `${nginx.url}/`,
    connections: 8,
    connectTimeoutMs: 2000,
    headersTimeoutMs: 10_000,
    idleTimeoutMs: 10_000,
    onFailure,
  })
  return {
    deliverer,
    stop: async () => {
      await deliverer.close()
      await nginx.stop()
    },
  }
})
