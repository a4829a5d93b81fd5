import { createRecognizer, formatRules, hasFileEnd, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes the paths of a Hugging Face hub ("Hub API Endpoints"): `USER/NAME/resolve/REVISION/FILE`, for data sets and spaces with their word in
 * front. Every file is charged. The name is that of the repository of files, in small letters, because the hub does not tell them from capital ones.
 */
export const huggingface: FormatRules = formatRules(
  createRecognizer('huggingface', findFile, {
    isCalledLikeFile: (path) => hasFileEnd(path) || /(?:^|\/)resolve(?:\/|$)/i.test(path),
  }),
  {
    takesQuery: ({ path }) => path.startsWith('api/'),
    // Hands out what opens another storage.
    leavesGate: ({ path }) => /\/xet-(?:read|write)-token(?:\/|$)/i.test(path),
  },
)

const SEGMENT = '[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?'
const REPOSITORY = `(?<name>${SEGMENT}(?:/${SEGMENT})?)`
const REVISION = `(?<version>${SEGMENT})`
const FILE = new RegExp(`^(?<kind>(?:datasets|spaces)/)?${REPOSITORY}/resolve/${REVISION}/(?<file>.+)$`, 's')
const KIND = '(?<kind>models|datasets|spaces)'
const LISTING = new RegExp(`^api/${KIND}$`)
const DOCUMENT = new RegExp(
  `^api/${KIND}/(?<name>${SEGMENT}(?:/(?!(?:revision|tree|refs)(?:/|$))${SEGMENT})?)(?:/(?:refs|revision/${REVISION}|tree/(?<tree>${SEGMENT})(?:/.+)?))?$`,
  's',
)

function findFile(path: string): Finding | undefined {
  if (LISTING.test(path)) return { kind: 'listing' }
  const file = FILE.exec(path)?.groups
  if (file !== undefined) return describe('package', `${file['kind'] ?? ''}${file['name']}`, file['version'])
  const { kind, name, version, tree } = DOCUMENT.exec(path)?.groups ?? {}
  if (name === undefined) return undefined
  return describe('metadata', kind === 'models' ? name : `${kind}/${name}`, version ?? tree)
}

function describe(kind: Finding['kind'], name: string, version: string | undefined): Finding {
  const known = { kind, name: name.toLowerCase() }
  return version === undefined ? known : { ...known, version }
}
