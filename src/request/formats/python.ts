import { spellPythonName } from '../../policy/python-name.ts'
import { pep440Order } from '../../policy/versions/pep440.ts'
import { companionOf, looksLikePackage, withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'
import { lastSegment } from './cut.ts'

/**
 * Recognizes the files of a Python repository: the pages of projects (PEP 503, PEP 691), wheels (PEP 427), source archives (PEP 625 and
 * older), and what lies beside them (PEP 658, PEP 740). Names are normalized. Pages lie below a folder `simple`, files anywhere.
 */
export const python: FormatRules = formatRules(
  createRecognizer('python', withCompanions(findFile), {
    findDirectory: (path) => findPage(path.split('/')),
  }),
)

/** No file system has longer names. Bounds the work for those that can be read in several ways. */
const LONGEST_NAME = 255

function findFile(path: string, filename: string): Finding | undefined {
  const beside = /\.(?:metadata|provenance)$/.exec(filename)
  if (beside !== null) return findBeside(path.slice(0, beside[0].length * -1))
  return findPackage(path, filename) ?? findPage(path.split('/'))
}

/** What describes a file, `FILE.metadata`, or says where it comes from. */
function findBeside(path: string): Finding | undefined {
  const finding = findPackage(path, lastSegment(path))
  return finding && { ...finding, kind: 'metadata' }
}

/** PEP 508, "Names". */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/

/** `simple/NAME`, with or without a slash at its end; `+simple` for devpi. */
function findPage(segments: readonly string[]): Finding | undefined {
  const [folder, name = ''] = segments.slice(-2)
  const isPage = (folder === 'simple' || folder === '+simple') && NAME.test(name)
  if (!isPage || isFile(name) || companionOf(name) !== undefined) return undefined
  return { kind: 'metadata', name: spellPythonName(name) }
}

function isFile(name: string): boolean {
  return looksLikePackage(name) || /\.(?:exe|html|json|metadata|provenance)$/i.test(name)
}

const SOURCE = /\.(?:tar\.(?:gz|bz2|xz|Z)|tgz|zip)$/

function findPackage(path: string, filename: string): Finding | undefined {
  if (filename.length > LONGEST_NAME) return undefined
  if (filename.endsWith('.whl')) return findWheel(filename.slice(0, -'.whl'.length))
  if (filename.endsWith('.egg')) return findEgg(filename.slice(0, -'.egg'.length))
  const end = SOURCE.exec(filename)
  return end === null ? undefined : findSource(path, filename.slice(0, end.index))
}

const TAG = /^[A-Za-z0-9_.]+$/

/** `NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM`; where a name or version has a `-`, a wheel has `_`. */
function findWheel(stem: string): Finding | undefined {
  const parts = stem.split('-')
  const [name = '', version = ''] = parts
  const [build, ...tags] = parts.length === 6 ? parts.slice(2) : ['0', ...parts.slice(2)]
  const isWheel = tags.length === 3 && tags.every((tag) => TAG.test(tag)) && /^[0-9]/.test(build ?? '')
  return isWheel ? describe(name, version, tags[2]) : undefined
}

/** `NAME-VERSION-pyX.Y[-PLATFORM]`, the format before wheels. */
function findEgg(stem: string): Finding | undefined {
  const [name = '', version = '', tag = '', ...platform] = stem.split('-')
  return /^py[0-9.]+$/.test(tag) ? describe(name, version, platform.join('-') || 'any') : undefined
}

function describe(name: string, written: string, arch: string | undefined): Finding | undefined {
  const version = written.replaceAll('_', '-')
  const isKnown = NAME.test(name) && isVersion(version) && arch !== undefined
  return isKnown ? { kind: 'package', name: spellPythonName(name), version, arch } : undefined
}

/**
 * `NAME-VERSION`, cut where a version follows. Old archives can be cut in several places (`a-1-2`: a, or a-1): there the folder decides, if it is
 * called like one of the names, else nobody knows.
 */
function findSource(path: string, stem: string): Finding | undefined {
  const cuts = cutsOf(stem)
  const folder = spellPythonName(path.split('/').at(-2) ?? '')
  const cut = cuts.length === 1 ? cuts[0] : cuts.find(({ name }) => name === folder)
  return cut && { kind: 'package', ...cut, arch: 'source' }
}

function cutsOf(stem: string): { name: string; version: string }[] {
  const dashes = Array.from(stem.matchAll(/-/g), ({ index }) => index)
  return dashes.flatMap((at) => {
    const [name, version] = [stem.slice(0, at), stem.slice(at + 1)]
    return NAME.test(name) && isVersion(version) ? [{ name: spellPythonName(name), version }] : []
  })
}

/** Every version begins with a number. */
function isVersion(text: string): boolean {
  return /^[0-9]/.test(text) && pep440Order.parse(text) !== undefined
}
