import { describe, expect, test } from 'vitest'
import { composerOrder } from '../../../src/policy/versions/composer.ts'
import { versionRange } from '../../../src/policy/versions/versions.ts'
import { runOrFail } from '../../support/processes.ts'
import { compareTexts, findDisorder, generateVersions, samplePairs } from './generated.ts'

const VERSIONS = generateVersions(
  composerOrder,
  '.0|.1|.10|.1|.x-dev|-alpha|-beta2|-RC|-RC1|-p1|-dev|+b|-stable'.split('|'),
)
/** Debian's Composer brings the library that orders its versions. */
const COMPARE = `require '/usr/share/php/Composer/Semver/autoload.php';
echo json_encode(array_map(function ($pair) {
  [$a, $b] = $pair;
  if (Composer\\Semver\\Comparator::equalTo($a, $b)) return 0;
  return Composer\\Semver\\Comparator::lessThan($a, $b) ? -1 : 1;
}, array_map(function ($pair) {
  $parser = new Composer\\Semver\\VersionParser();
  return [$parser->normalize($pair[0]), $parser->normalize($pair[1])];
}, json_decode($argv[1]))));`

describe('the order of Composer', () => {
  test('is total', () => {
    expect(findDisorder(composerOrder, VERSIONS)).toBeNull()
  })

  test('is that of Composer', async () => {
    const pairs = samplePairs(VERSIONS, 2000)
    const signs = JSON.parse(await runOrFail('php', ['-r', COMPARE, JSON.stringify(pairs)])) as number[]
    const wrong = pairs.filter(([a, b], index) => compareTexts(composerOrder, a, b) !== signs[index])
    expect(wrong.slice(0, 5)).toEqual([])
  })

  test.each([
    ['1.2', '1.10', -1],
    ['1.2', 'v1.2.0.0', 0],
    ['1.0-dev', '1.0-alpha', -1],
    ['1.0a1', '1.0-alpha2', -1],
    ['1.0-beta2', '1.0-beta10', -1],
    ['1.0.0-RC1', '1.0.0', -1],
    ['1.0.0', '1.0.0-p1', -1],
    ['1.0.0-pl1', '1.0.0.1', -1],
    ['1.0.0+a', '1.0.0+b', 0],
    ['1.99', '1.x-dev', -1],
    ['1.x-dev', '2.0-dev', -1],
    ['20240101', '20240201', -1],
  ])('%s and %s: %i', (a, b, expected) => {
    expect(compareTexts(composerOrder, a, b)).toBe(expected)
  })
})

test.each(['dev-main', 'dev-1.0', 'master', '1.0-something', '1.0.0.0.0', '1.0 as 2.0'])(
  '%s has no place in the order',
  (text) => {
    expect(composerOrder.parse(text)).toBeUndefined()
  },
)

test.each([
  ['<2', '2.0.0-RC1', true],
  ['>=2', '2.0.0-RC1', false],
  ['1.*', 'v1.2.3', true],
  ['v1.*', '1.2.3', true],
  ['*', 'dev-main', false],
])('%j for %s: %j', (range, version, expected) => {
  const compiled = versionRange('composer', range)
  expect(typeof compiled === 'function' && compiled(version)).toBe(expected)
})
