import { subjectOfTag } from '../../policy/attached-tag.ts'
import { REGISTRY_FORM } from '../../policy/refusal.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes the paths of a registry of images (OCI distribution, "API"): what stands below `/v2/` and the repository. The name of an image may
 * have words of the API in it, so paths are read from their end. What a digest leads to only the storage can tell (deliver/registry): whether it
 * belongs to an image that a token covers, and whether it costs a download. Here it is something that belongs to the image.
 */
export const docker: FormatRules = formatRules(
  // No path of a registry ends in a slash.
  createRecognizer('docker', find, { isCalledLikeFile: () => true }),
  {
    isRegistry: true,
    answers: REGISTRY_FORM,
    takesQuery: ({ path }) => /\/(?:tags\/list|referrers\/[^/]+)$/.test(path),
  },
)

const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

function find(path: string): Finding | undefined {
  const segments = path.split('/')
  const name = readName(segments.slice(0, -2))
  const [endpoint, reference = ''] = segments.slice(-2)
  if (name === undefined) return undefined
  if (endpoint === 'manifests') return findManifest(name, reference)
  const isFound =
    endpoint === 'tags'
      ? reference === 'list'
      : (endpoint === 'blobs' || endpoint === 'referrers') && DIGEST.test(reference)
  return isFound ? { kind: 'metadata', name } : undefined
}

function findManifest(name: string, reference: string): Finding | undefined {
  if (DIGEST.test(reference)) return { kind: 'metadata', name }
  if (!TAG.test(reference)) return undefined
  const isAttached = subjectOfTag(reference) !== undefined
  return isAttached ? { kind: 'signature', name } : { kind: 'package', name, version: reference }
}

const NAME_SEGMENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const LONGEST_NAME = 255

function readName(segments: readonly string[]): string | undefined {
  const name = segments.join('/')
  const isName = name.length <= LONGEST_NAME && segments.every((each) => NAME_SEGMENT.test(each))
  return isName && name !== '' ? name : undefined
}
