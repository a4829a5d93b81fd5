import { rubyOrder } from '../../policy/versions/ruby.ts'
import { withCompanions } from './companion.ts'
import { createRecognizer, formatRules, hasFileEnd, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes boxes and what is said of them (Vagrant, "Box File Format", "Box Metadata"). Boxes may lie anywhere; known are the paths of Vagrant
 * Cloud, and folders called like the version: `acme/debian/1.2.0/virtualbox.box`.
 */
export const vagrant: FormatRules = formatRules(createRecognizer('vagrant', withCompanions(findFile)))

const SEGMENT = '[A-Za-z0-9][A-Za-z0-9._-]*'
const CLOUD = new RegExp(
  `^(?<user>${SEGMENT})/boxes/(?<box>${SEGMENT})/versions/(?<version>[^/]+)/providers/[^/]+(?:/(?<arch>[^/]+)/vagrant)?\\.box$`,
)
const FOLDER = new RegExp(`^(?<name>${SEGMENT}(?:/${SEGMENT})*)/(?<version>[^/]+)/${SEGMENT}\\.box$`)
/** Vagrant asks for a box by these, or for a file of whatever name. */
const SHORT = new RegExp(`^(?:api/v2/vagrant/)?(?<name>${SEGMENT}/${SEGMENT})$`)
const DOCUMENT = new RegExp(`^(?<name>${SEGMENT}(?:/${SEGMENT})*)\\.json$`)

function findFile(path: string): Finding | undefined {
  const { user, box, version, arch } = CLOUD.exec(path)?.groups ?? {}
  if (user !== undefined) return describe(`${user}/${box}`, version, arch)
  const inFolder = FOLDER.exec(path)?.groups
  if (inFolder !== undefined) return describe(inFolder['name'], inFolder['version'])
  if (/\.box/i.test(path)) return undefined
  const short = hasFileEnd(path) ? undefined : SHORT.exec(path)?.groups
  const name = (short ?? DOCUMENT.exec(path)?.groups)?.['name']
  return name === undefined || /[.](?:\/|$)/.test(name) ? undefined : { kind: 'metadata', name }
}

function describe(name = '', version = '', arch?: string): Finding | undefined {
  if (rubyOrder.parse(version) === undefined) return undefined
  return { kind: 'package', name, version, ...(arch === undefined ? {} : { arch }) }
}
