import { cranOrder } from '../../policy/versions/cran.ts'
import { withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes the files of a repository of R packages ("R Installation and Administration", "Setting up a package repository"): sources, builds for
 * Windows and macOS, and the lists of a folder in three forms. The lists are not signed, but the form that R asks first is R's own.
 */
export const cran: FormatRules = formatRules(createRecognizer('cran', withCompanions(findFile)))

const SOURCES = /(?:^|\/)src\/contrib\//
const BUILDS = /(?:^|\/)bin\//
/** Builds are for a version of R. */
const OF_VERSION = /\/contrib\/[0-9][0-9.]*\//
const LIST = /^(?:PACKAGES(?:\.gz|\.rds)?|(?:archive|current)\.rds)$/
const PACKAGE = /^(?<name>[A-Za-z][A-Za-z0-9.]*[A-Za-z0-9])_(?<version>[^_/]+)\.(?:tar\.gz|zip|tgz)$/

function findFile(path: string, filename: string): Finding | undefined {
  if (!liesInRepository(path)) return undefined
  if (LIST.test(filename)) return { kind: 'metadata' }
  const { name, version } = PACKAGE.exec(filename)?.groups ?? {}
  if (name === undefined || version === undefined) return undefined
  return cranOrder.parse(version) === undefined ? undefined : { kind: 'package', name, version }
}

function liesInRepository(path: string): boolean {
  const builds = path.search(BUILDS)
  return SOURCES.test(path) || (builds !== -1 && OF_VERSION.test(path.slice(builds)))
}
