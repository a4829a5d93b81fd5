import { createFilesDeliverer } from '../../../src/deliver/files.ts'
import { createHttpDeliverer } from '../../../src/deliver/http.ts'
import { createUpstreams } from '../../../src/deliver/upstreams/upstreams.ts'
import { startNginx } from '../../support/nginx.ts'
import { freePort } from '../../support/processes.ts'
import { describeDeliverer } from '../conformance.ts'
import { httpUpstream, PATIENT } from './rig.ts'

const OPTIONS = {
  failures: 3,
  retryMs: 60_000,
  attemptMs: 15_000,
  totalMs: 30_000,
  monotonic: () => performance.now(),
  onFailure: () => undefined,
  onDown: () => undefined,
  onUp: () => undefined,
  onFailover: () => undefined,
}

describeDeliverer('several, the first of which answers', async (root) => {
  const nginx = await startNginx({ root })
  const create = (onFailure: (error: Error) => void) =>
    createHttpDeliverer({ url: `${nginx.url}/`, ...PATIENT, onFailure })
  const deliverer = createUpstreams(
    [{ create, check: undefined }, httpUpstream(`http://127.0.0.1:${await freePort()}/`)],
    OPTIONS,
  )
  return {
    deliverer,
    stop: async () => {
      await deliverer.close()
      await nginx.stop()
    },
  }
})

describeDeliverer('several, of which the last is a folder and the others are dead', async (directory) => {
  const dead = `http://127.0.0.1:${await freePort()}/`
  const folder = {
    create: (onFailure: (error: Error) => void) => createFilesDeliverer({ directory, onFailure }),
    check: undefined,
  }
  const deliverer = createUpstreams([httpUpstream(dead), httpUpstream(dead), folder], OPTIONS)
  return { deliverer, stop: deliverer.close }
})
