import { condaOrder } from '../../policy/versions/conda.ts'
import { withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'
import { cutLast } from './cut.ts'

/**
 * Recognizes the files of a conda channel (conda documentation, "Repository structure and index"): packages and indexes, each in the folder of a
 * platform.
 */
export const conda: FormatRules = formatRules(createRecognizer('conda', withCompanions(findFile)), {
  // Clients ask for one form after the other, and go on when it is not there, but not when it is refused.
  isHidden: ({ kind, filename }) => kind === 'metadata' && HIDDEN.test(filename),
})

const PLATFORM = /^(?:noarch|[a-z]+-[a-z0-9_]+)$/
const INDEX = /^(?:(?:current_)?repodata(?:_from_packages)?|run_exports)\.json(?:\.zst|\.bz2)?$/
/** Forms of an index that can't be cut down, or not read here; each has a plain one beside it. */
const HIDDEN = /\.(?:bz2|jlap|msgpack\.zst)$/
const KEYS = /^(?:key_mgr|[0-9]+\.root)\.json$/

function findFile(path: string, filename: string): Finding | undefined {
  const platform = path.split('/').at(-2) ?? ''
  if (filename === 'channeldata.json' || filename === 'index.html' || filename === 'rss.xml')
    return { kind: 'listing' }
  if (KEYS.test(filename)) return { kind: 'key' }
  if (!PLATFORM.test(platform)) return undefined
  const isIndex = INDEX.test(filename) || /^repodata(?:\.jlap|_shards\.msgpack\.zst)$/.test(filename)
  return isIndex ? { kind: 'metadata' } : findPackage(filename, platform)
}

const PACKAGE_END = /\.(?:conda|tar\.bz2)$/
const NAME = /^[a-z0-9_][a-z0-9_.-]*$/i
const BUILD = /^[A-Za-z0-9_.+]+$/

/** `NAME-VERSION-BUILD.conda`; version and build have no `-`. */
function findPackage(filename: string, arch: string): Finding | undefined {
  const end = PACKAGE_END.exec(filename)
  if (end === null) return undefined
  const [before, build] = cutLast(filename.slice(0, end.index), '-')
  const [name, version] = cutLast(before, '-')
  const isPackage = NAME.test(name) && condaOrder.parse(version) !== undefined && BUILD.test(build)
  return isPackage ? { kind: 'package', name: name.toLowerCase(), version, arch } : undefined
}
