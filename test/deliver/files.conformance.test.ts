import { createFilesDeliverer } from '../../src/deliver/files.ts'
import { rewriteNpm } from '../../src/deliver/rewrite/npm.ts'
import { describeDeliverer } from './conformance.ts'

const onFailure = (error: Error): void => {
  throw error
}

describeDeliverer('files', async (directory) => ({
  deliverer: createFilesDeliverer({ directory, onFailure }),
  stop: async () => undefined,
}))

describeDeliverer('files, behind the rewriting of npm', async (directory) => {
  const files = createFilesDeliverer({ directory, onFailure })
  const deliverer = rewriteNpm(files, { upstreamUrl: undefined, onFailure })
  return { deliverer, stop: deliverer.close }
})
