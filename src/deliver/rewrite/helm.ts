import { rewriteHelmJson } from './helm-json.ts'
import { createChangeUrls } from './helm-place.ts'
import { rewriteHelmYaml } from './helm-yaml.ts'
import type { Rewriter } from './rewriting.ts'

/**
 * Makes the index of a repository of charts name archives below the client's own way in, and only those that it may fetch. `base` is the URL of
 * the storage, with a slash at its end; undefined for a folder.
 */
export function createHelmRewriter(base: URL | undefined): Rewriter {
  return {
    concerns: ({ artifact: { format, kind, filename } }) =>
      format === 'helm' && kind === 'metadata' && filename === 'index.yaml',
    rewrite: async (document, order) => {
      const change = createChangeUrls(base, order)
      const isJson = /^\s*\{/.test(document.toString('latin1', 0, 64))
      return (isJson ? rewriteHelmJson : rewriteHelmYaml)(document, change)
    },
  }
}
