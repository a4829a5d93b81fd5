import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { luarocksOrder } from '../../../src/policy/versions/luarocks.ts'
import { versionRange } from '../../../src/policy/versions/versions.ts'
import { runOrFail, temporaryDirectory } from '../../support/processes.ts'
import { compareTexts, findDisorder, generateVersions, samplePairs } from './generated.ts'

const VERSIONS = generateVersions(luarocksOrder, '0|1|10|05|.|.|_|a|rc|alpha|beta|scm|pre2|-1|-10'.split('|'))
const COMPARE = `local vers = require 'luarocks.core.vers'
for line in io.lines(arg[1]) do
  local a, b = line:match('^(%S+) (%S+)$')
  a, b = vers.parse_version(a), vers.parse_version(b)
  print(a < b and -1 or b < a and 1 or 0)
end`

describe('the order of rocks', () => {
  test('is total among whole versions', () => {
    const whole = VERSIONS.filter((text) => luarocksOrder.parse(text)?.revision !== undefined)
    expect(findDisorder(luarocksOrder, whole)).toBeNull()
  })

  test('is that of LuaRocks itself, but for revisions on one side only', async () => {
    const hasRevision = (text: string): boolean => /-[0-9]+$/.test(text)
    const pairs = samplePairs(VERSIONS, 4000).filter(([a, b]) => hasRevision(a) === hasRevision(b))
    expect(pairs.length).toBeGreaterThan(1000)
    await using directory = await temporaryDirectory('lua')
    const [script, list] = [`${directory.path}/compare.lua`, `${directory.path}/pairs`]
    await writeFile(script, COMPARE)
    await writeFile(list, pairs.map((pair) => `${pair.join(' ')}\n`).join(''))
    const signs = (await runOrFail('lua5.1', [script, list])).trim().split('\n').map(Number)
    const wrong = pairs.filter(([a, b], index) => compareTexts(luarocksOrder, a, b) !== signs[index])
    expect(wrong.slice(0, 5)).toEqual([])
  })

  test.each([
    ['1.2', '1.10', -1],
    ['1.2', '1.2.0', 0],
    ['1.2rc1', '1.2', -1],
    ['1.2rc1', '1.2rc2', -1],
    ['1.2alpha9', '1.2beta1', -1],
    ['9.9', 'scm', -1],
    ['scm', 'dev', -1],
    ['1.2-1', '1.2-10', -1],
    ['1.2-1', '1.2', 0],
  ])('%s and %s: %i', (a, b, expected) => {
    expect(compareTexts(luarocksOrder, a, b)).toBe(expected)
  })
})

test.each([
  ['<2', '1.9-1', true],
  ['<2', 'scm-1', false],
  ['1.2.*', '1.2.3-1', true],
  ['scm', 'scm-3', true],
  ['=1.2.3-1', '1.2.3-2', false],
])('%j for %s: %j', (range, version, expected) => {
  const compiled = versionRange('luarocks', range)
  expect(typeof compiled === 'function' && compiled(version)).toBe(expected)
})
