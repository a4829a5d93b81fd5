import { alpineOrder } from '../../policy/versions/alpine.ts'
import { looksLikePackage, withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'
import { cutLast } from './cut.ts'

/**
 * Recognizes the files of an Alpine repository (apk-repositories(5), apk-package(5)). Name and version are read from the right of
 * `NAME-VERSION-rREVISION.apk`, the architecture is the folder. Indexes are signed.
 */
export const alpine: FormatRules = formatRules(createRecognizer('alpine', withCompanions(findFile)))

/** `.adb` is the form of apk 3. */
const INDEX = /^(?:APKINDEX\.tar\.gz|APKINDEX\.adb|Packages\.adb)$/
const KEY = /^(?<owner>[A-Za-z0-9][A-Za-z0-9@._+-]*)\.rsa\.pub$/
const PACKAGE = '.apk'
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/
const ARCH = /^[a-z0-9_]+$/

function findFile(path: string, filename: string): Finding | undefined {
  if (INDEX.test(filename)) return { kind: 'metadata' }
  const owner = KEY.exec(filename)?.groups?.['owner']
  if (owner !== undefined && !looksLikePackage(owner)) return { kind: 'key' }
  if (!filename.endsWith(PACKAGE)) return undefined
  const [rest, revision] = cutLast(filename.slice(0, -PACKAGE.length), '-')
  const [name, number] = cutLast(rest, '-')
  const version = `${number}-${revision}`
  if (!NAME.test(name) || alpineOrder.parse(version)?.revision === undefined) return undefined
  const arch = path.split('/').at(-2) ?? ''
  return { kind: 'package', name, version, ...(ARCH.test(arch) ? { arch } : {}) }
}
