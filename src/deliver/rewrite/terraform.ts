import type { DeliveryOrder } from '../contract.ts'
import { encodePath } from '../encode-path.ts'
import { MODULE_LOCATION } from '../module-location.ts'
import type { Locator } from './locating.ts'
import { placeOfLink } from './place.ts'
import type { Rewriter } from './rewriting.ts'
import { cutTerraformVersions } from './terraform-versions.ts'
import { readModuleLocation, readProviderLinks } from './terraform-links.ts'

/**
 * Makes the documents of a Terraform registry name versions that the client may fetch, and files by paths of the gate that tell what they are, with
 * the secret in the URL: terraform sends no credentials when it fetches files. `base` is the URL of the storage, with a slash at its end;
 * undefined for a folder.
 */
export function createTerraformRewriter(base: URL | undefined): Rewriter {
  return {
    concerns: ({ artifact: { format, kind } }) => format === 'terraform' && kind === 'metadata',
    rewrite: async (document, order) => {
      const { path } = order.artifact
      if (MODULE.test(path)) return rewriteModule(document, order)
      if (PROVIDER.test(path)) return rewriteProvider(document, order)
      return cutTerraformVersions(document, order, (link) => placeOfLink(link, path, base))
    },
    headersFor: (content, { path }) => {
      if (!MODULE.test(path)) return []
      const { location } = JSON.parse(content.toString()) as { readonly location: string }
      return [MODULE_LOCATION, location]
    },
  }
}

/** Finds files where the documents of the storage say. */
export function createTerraformLocator(base: URL | undefined): Locator {
  return {
    documentsAbout: ({ path }) => {
      const module = /^(v1\/modules\/.+)\/archive\.[a-z0-9.]+$/.exec(path)?.[1]
      const provider = /^(v1\/providers\/.+\/download\/[^/]+\/[^/]+)\/[^/]+$/.exec(path)?.[1]
      if (module !== undefined) return [`${module}/download`]
      return provider === undefined ? [] : [provider]
    },
    find: async (document, { path, filename }) => {
      const folder = path.slice(0, -filename.length - 1)
      const link = path.startsWith('v1/modules/')
        ? { document: `${folder}/download`, url: readModuleLocation(document).link }
        : { document: folder, url: readProviderLinks(document)[fieldOf(filename)] }
      return placeOfLink(link.url, link.document, base)
    },
  }
}

const MODULE = /^v1\/modules\/.*\/download$/
const PROVIDER = /^v1\/providers\/.*\/download\/[^/]+\/[^/]+$/

async function rewriteModule(document: Buffer, { artifact, openUrl }: DeliveryOrder): Promise<Buffer> {
  const { end, inside } = readModuleLocation(document)
  const folder = artifact.path.slice(0, -'download'.length)
  return toJson({ location: `${openUrl()}${encodePath(`${folder}archive.${end}`)}${inside}` })
}

async function rewriteProvider(document: Buffer, { artifact, openUrl }: DeliveryOrder): Promise<Buffer> {
  const { path, version = '', arch = '' } = artifact
  const [, type = ''] = /^v1\/providers\/[^/]+\/([^/]+)\//.exec(path) ?? []
  const stem = `${openUrl()}${encodePath(`${path}/terraform-provider-${type}_${version}`)}`
  return toJson({
    ...readProviderLinks(document),
    download_url: `${stem}_${arch}.zip`,
    shasums_url: `${stem}_SHA256SUMS`,
    shasums_signature_url: `${stem}_SHA256SUMS.sig`,
  })
}

function fieldOf(filename: string): 'download_url' | 'shasums_url' | 'shasums_signature_url' {
  if (filename.endsWith('.zip')) return 'download_url'
  return filename.endsWith('.sig') ? 'shasums_signature_url' : 'shasums_url'
}

function toJson(document: object): Buffer {
  return Buffer.from(JSON.stringify(document))
}
