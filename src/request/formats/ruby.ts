import { rubyOrder } from '../../policy/versions/ruby.ts'
import { withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes the files of a gem repository, as `gem generate_index` writes it and as rubygems.org serves it ("RubyGems.org API", "Compact Index
 * API"). The lists of gems at the root are free for everybody, because those for a token with package rules are cut down to it.
 */
export const ruby: FormatRules = formatRules(createRecognizer('ruby', withCompanions(findFile)))

const LISTS = /^(?:versions|names|(?:latest_|prerelease_)?specs\.4\.8(?:\.gz)?)$/
/** Answer for the gems that the query names. */
const ENDPOINTS = /^api\/v1\/dependencies(?:\.json)?$/
const FILE = /^(?<folder>info|gems|quick\/Marshal\.4\.8)\/(?<file>[^/]+)$/

function findFile(path: string): Finding | undefined {
  if (LISTS.test(path)) return { kind: 'metadata' }
  if (ENDPOINTS.test(path)) return { kind: 'listing' }
  const { folder, file = '' } = FILE.exec(path)?.groups ?? {}
  if (folder === undefined) return undefined
  if (folder === 'info') return findInfo(file)
  return folder === 'gems' ? findGem(file, '.gem', 'package') : findGem(file, '.gemspec.rz', 'metadata')
}

/** What RubyGems accepts for a gem that is built. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const FILE_END = /\.(?:gem|gemspec|rz|gz)\.*$/i

function findInfo(name: string): Finding | undefined {
  return isName(name) && !FILE_END.test(name) ? { kind: 'metadata', name } : undefined
}

/** No file system has longer names. Bounds the work for those that can be read in several ways. */
const LONGEST_NAME = 255

/**
 * `NAME-VERSION[-PLATFORM]`. Names may have parts that look like versions: the first place is taken behind which nothing but a version and a
 * platform that there is can follow. `foo-2-bar-1.0` is `foo-2-bar`, `foo-1.0-arm64-darwin-22` is `foo`.
 */
function findGem(file: string, end: string, kind: Finding['kind']): Finding | undefined {
  if (!file.endsWith(end) || file.length > LONGEST_NAME) return undefined
  const stem = file.slice(0, -end.length)
  for (const { index } of stem.matchAll(/-/g)) {
    const name = stem.slice(0, index)
    const [version, arch] = cutFirst(stem.slice(index + 1), '-')
    const isGem = isName(name) && rubyOrder.parse(version) !== undefined && isPlatform(arch)
    if (isGem) return { kind, name, version, arch: arch ?? 'ruby' }
  }
  return undefined
}

function cutFirst(text: string, separator: string): readonly [before: string, after: string | undefined] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function isName(name: string): boolean {
  return NAME.test(name) && !name.endsWith('.')
}

const SYSTEM =
  'aix|cygwin|darwin|dragonfly|emscripten|freebsd|linux|mingw(?:32|64)?|mswin(?:32|64)?|netbsd|openbsd|solaris|wasi'
const RUNTIMES = /^(?:dalvik|dotnet|java|jruby|macruby|mruby|opal|truffleruby|mswin(?:32|64)?|mingw32)$/
const PLATFORM = new RegExp(
  `^(?:universal-(?:java|dotnet)(?:-[0-9.]+)?|(?:[a-z][a-z0-9_]*-)(?:${SYSTEM})(?:-?[0-9][0-9.]*|-(?:gnu|musl|android|uclibc|ucrt)(?:eabi|eabihf|abi64)?)?)$`,
)

/** `Gem::Platform`: without one, a gem runs everywhere. */
function isPlatform(platform: string | undefined): boolean {
  return platform === undefined || RUNTIMES.test(platform) || PLATFORM.test(platform)
}
