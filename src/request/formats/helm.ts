import { isSemver } from '../../policy/versions/semver.ts'
import { isKeyFile, withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes the files of a repository of charts (Helm's "The Chart Repository Guide"): archives, what vouches for them (`.prov`), and the index, which
 * is cut down for a token with package rules.
 */
export const helm: FormatRules = formatRules(createRecognizer('helm', withCompanions(findFile)))

const PROVENANCE = '.prov'
const CHART = '.tgz'

function findFile(path: string, filename: string): Finding | undefined {
  if (filename === 'index.yaml' || filename === 'artifacthub-repo.yml') return { kind: 'metadata' }
  if (isKeyFile(filename) && !filename.endsWith('.key')) return { kind: 'key' }
  const isProvenance = filename.endsWith(PROVENANCE)
  const chart = isProvenance ? filename.slice(0, -PROVENANCE.length) : filename
  const found = findChart(path, chart)
  return found && { ...found, kind: isProvenance ? 'signature' : 'package' }
}

/** No file system has longer names. Bounds the work for those that can be read in several ways. */
const LONGEST_NAME = 255
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/
/** Of a version that lacks its last numbers. */
const SHORT = /^[0-9]+(?:\.[0-9]+)?(?:[-+][0-9A-Za-z.+-]+)?$/

/**
 * `NAME-VERSION.tgz`, cut where a version follows that has all its numbers, else where any follows. Names and versions both have dashes: where that
 * leaves a choice (`a-1.0.0-1.2.3`: a, or a-1.0.0) the folder decides, if it is called like one of the names, else nobody knows.
 */
function findChart(path: string, filename: string): { name: string; version: string } | undefined {
  if (!filename.endsWith(CHART) || filename.length > LONGEST_NAME) return undefined
  const stem = filename.slice(0, -CHART.length)
  const whole = cutsOf(stem, isSemver)
  const cuts = whole.length > 0 ? whole : cutsOf(stem, (text) => SHORT.test(text))
  const folder = path.split('/').at(-2)
  return cuts.length === 1 ? cuts[0] : cuts.find(({ name }) => name === folder)
}

function cutsOf(stem: string, isVersion: (text: string) => boolean): { name: string; version: string }[] {
  const dashes = Array.from(stem.matchAll(/-/g), ({ index }) => index)
  return dashes.flatMap((at) => {
    const [name, version] = [stem.slice(0, at), stem.slice(at + 1)]
    return NAME.test(name) && isVersion(version.replace(/^v/, '')) ? [{ name, version }] : []
  })
}
