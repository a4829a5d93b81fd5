import type { Artifact, Format } from '../policy/types.ts'
import { createComposerLocator, createComposerRewriter } from './rewrite/composer.ts'
import { createCargoRewriter } from './rewrite/cargo.ts'
import { createCondaRewriter } from './rewrite/conda.ts'
import { createDartRewriter } from './rewrite/dart.ts'
import { createGoRewriter } from './rewrite/go.ts'
import { createHelmRewriter } from './rewrite/helm.ts'
import type { Locator } from './rewrite/locating.ts'
import { createNpmRewriter } from './rewrite/npm.ts'
import { createNugetRewriter } from './rewrite/nuget.ts'
import { createPythonRewriter } from './rewrite/python.ts'
import type { Rewriter } from './rewrite/rewriting.ts'
import { createRubyRewriter } from './rewrite/ruby.ts'
import { createTerraformLocator, createTerraformRewriter } from './rewrite/terraform.ts'
import { createVagrantRewriter } from './rewrite/vagrant.ts'

/** What deliverers have to know of a format. */
export interface FormatDelivery {
  /**
   * Makes what adapts its documents to each client. `base` is the URL of the storage, with a slash at its end; undefined for a folder.
   * Formats whose documents are signed, or name no URLs, have none.
   */
  readonly createRewriter?: (base: URL | undefined) => Rewriter
  /** Makes what finds the files that its documents name by paths of the gate. */
  readonly createLocator?: (base: URL | undefined) => Locator
  /** Some of its documents are headers (module-location.ts). */
  readonly tellsByHeader?: true
  /** What is an archive its name tells, whatever the storage makes of Accept (archives-by-name.ts). */
  readonly archivesByName?: true
  /** The file that is the document of a folder, where a folder is the storage. */
  readonly folderDocument?: string
  /** The media type of a document whose extension does not tell it, where a folder is the storage. */
  readonly documentType?: (document: Artifact) => string | undefined
  /** The storage has several forms of a document at one place and chooses by Accept, whether it says so (Vary) or not. */
  readonly negotiates?: true
  /** The storage is a registry of images (registry/): it is asked below `/v2/`. */
  readonly isRegistry?: true
}

/** The one table of formats in this layer. */
export const FORMAT_DELIVERIES: Readonly<Record<Format, FormatDelivery>> = {
  deb: {},
  rpm: {},
  npm: {
    createRewriter: createNpmRewriter,
    folderDocument: 'index.json',
    documentType: () => 'application/json',
    negotiates: true,
  },
  raw: {},
  python: {
    createRewriter: createPythonRewriter,
    folderDocument: 'index.html',
    documentType: ({ version }) => (version === undefined ? 'text/html; charset=utf-8' : undefined),
    negotiates: true,
  },
  // Each list of versions has a checksum beside it.
  maven: {},
  go: { createRewriter: createGoRewriter },
  alpine: {},
  docker: { negotiates: true, isRegistry: true },
  ruby: { createRewriter: createRubyRewriter },
  composer: { createRewriter: createComposerRewriter, createLocator: createComposerLocator },
  helm: { createRewriter: createHelmRewriter },
  cargo: { createRewriter: createCargoRewriter },
  nuget: { createRewriter: createNugetRewriter },
  conda: { createRewriter: createCondaRewriter },
  terraform: {
    createRewriter: createTerraformRewriter,
    createLocator: createTerraformLocator,
    tellsByHeader: true,
  },
  arch: {},
  cran: {},
  luarocks: {},
  hex: {},
  dart: { createRewriter: createDartRewriter, documentType: () => 'application/vnd.pub.v2+json' },
  // Whether the archive, the manifest or a description is meant, some registries read in Accept.
  swift: { negotiates: true, archivesByName: true },
  vagrant: { createRewriter: createVagrantRewriter, documentType: () => 'application/json' },
  conan: {},
  huggingface: {},
}
