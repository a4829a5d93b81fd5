import type { Locator } from './locating.ts'
import { findArchive, rewriteComposerPackages, type Archives } from './composer-packages.ts'
import { documentsAbout } from './composer-place.ts'
import { rewriteComposerRoot } from './composer-root.ts'
import type { Rewriter } from './rewriting.ts'

/**
 * Makes the documents of a Composer repository name archives and documents below the client's own way in, and only those that it may fetch.
 * `base` is the URL of the storage, with a slash at its end; undefined for a folder.
 */
export function createComposerRewriter(base: URL | undefined): Rewriter {
  return {
    concerns: ({ artifact: { format, kind } }) => format === 'composer' && kind === 'metadata',
    rewrite: async (document, { artifact, baseUrl, includes }) => {
      const archives: Archives = { base, baseUrl, includes }
      return artifact.name === undefined
        ? rewriteComposerRoot(document, archives)
        : rewriteComposerPackages(document, archives)
    },
  }
}

/** Finds archives, which documents name by the gate's own paths. */
export function createComposerLocator(base: URL | undefined): Locator {
  return {
    documentsAbout: ({ format, kind, path }) =>
      format === 'composer' && kind === 'package' ? documentsAbout(path) : [],
    find: (document, { path }) => findArchive(document, path, base),
  }
}
