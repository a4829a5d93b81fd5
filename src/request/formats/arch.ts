import { COMMON_FORM } from '../../policy/refusal.ts'
import { archOrder } from '../../policy/versions/arch.ts'
import { isKeyFile, looksLikePackage, withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'
import { cutLast } from './cut.ts'

/**
 * Recognizes the files of a pacman repository (repo-add(8), PKGBUILD(5)): `NAME-[EPOCH:]VERSION-RELEASE-ARCH.pkg.tar.EXT`, read from the right, and
 * databases, which may be signed.
 */
export const arch: FormatRules = formatRules(createRecognizer('arch', withCompanions(findFile)), {
  // pacman shows nothing of it, and complains of its size where that is more than the file's.
  answers: { ...COMMON_FORM, body: 'text' },
})

const DATABASE = /^(?<stem>[A-Za-z0-9@_+][A-Za-z0-9@._+-]*)\.(?:db|files)(?:\.tar(?:\.(?:gz|bz2|xz|zst))?)?$/
const PACKAGE = /^(?<stem>[^/]+)\.pkg\.tar(?:\.(?:gz|bz2|xz|zst|lzo|lrz|lz4|lz|Z))?$/
const NAME = /^[A-Za-z0-9@_+][A-Za-z0-9@._+-]*$/
const ARCH = /^[a-z0-9_]+$/

function findFile(_path: string, filename: string): Finding | undefined {
  const stem = PACKAGE.exec(filename)?.groups?.['stem']
  if (stem !== undefined) return findPackage(stem)
  const database = DATABASE.exec(filename)?.groups?.['stem']
  if (database !== undefined) return looksLikePackage(database) ? undefined : { kind: 'metadata' }
  return isKeyFile(filename) ? { kind: 'key' } : undefined
}

function findPackage(stem: string): Finding | undefined {
  const [build, machine] = cutLast(stem, '-')
  const [rest, release] = cutLast(build, '-')
  const [name, number] = cutLast(rest, '-')
  const version = `${number}-${release}`
  const isPackage = NAME.test(name) && ARCH.test(machine) && archOrder.parse(version)?.release !== undefined
  return isPackage ? { kind: 'package', name, version, arch: machine } : undefined
}
