import { luarocksOrder } from '../../policy/versions/luarocks.ts'
import { withCompanions } from './companion.ts'
import { createRecognizer, formatRules, type Finding, type FormatRules } from './contract.ts'
import { cutLast } from './cut.ts'

/**
 * Recognizes the files of a rocks server (LuaRocks, "Creating a rocks server"): rocks `NAME-VERSION-REVISION.ARCH.rock`, the rockspecs beside them,
 * which are free and belong to their rock, and manifests.
 */
export const luarocks: FormatRules = formatRules(createRecognizer('luarocks', withCompanions(findFile)))

const MANIFEST = /^manifest(?:-5\.[0-9]+)?(?:\.json|\.zip)?$/
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/
const ARCH = /^[a-z0-9]+(?:-[a-z0-9_]+)?$/

function findFile(_path: string, filename: string): Finding | undefined {
  if (MANIFEST.test(filename)) return { kind: 'metadata' }
  const [stem, end] = cutLast(filename, '.')
  if (end === 'rockspec') return findRock(stem, 'metadata')
  if (end !== 'rock') return undefined
  const [rock, arch] = cutLast(stem, '.')
  const found = ARCH.test(arch) ? findRock(rock, 'package') : undefined
  return found && { ...found, arch }
}

function findRock(stem: string, kind: Finding['kind']): Finding | undefined {
  const [rest, revision] = cutLast(stem, '-')
  const [name, number] = cutLast(rest, '-')
  const version = `${number}-${revision}`
  const isRock = NAME.test(name) && luarocksOrder.parse(version)?.revision !== undefined
  return isRock ? { kind, name, version } : undefined
}
