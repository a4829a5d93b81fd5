import { createFilesDeliverer } from '../../src/deliver/files.ts'
import { describeDeliverer } from './conformance.ts'
import { rewritingOf } from './rewrite/rewriter-of.ts'

const onFailure = (error: Error): void => {
  throw error
}

describeDeliverer('files', async (directory) => ({
  deliverer: createFilesDeliverer({ directory, onFailure }),
  stop: async () => undefined,
}))

describeDeliverer('files, behind the rewriting of npm', async (directory) => {
  const files = createFilesDeliverer({ directory, onFailure })
  const deliverer = rewritingOf('npm', files, undefined, { onFailure })
  return { deliverer, stop: deliverer.close }
})
