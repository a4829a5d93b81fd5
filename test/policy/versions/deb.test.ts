import { describe, expect, test } from 'vitest'
import { debOrder } from '../../../src/policy/versions/deb.ts'
import { runOrFail } from '../../support/processes.ts'
import { compareTexts, findDisorder, generateVersions, samplePairs } from './generated.ts'

const versions = generateVersions(debOrder, [
  '0',
  '1',
  '9',
  '00',
  'a',
  'Z',
  '~',
  '~rc',
  '+dfsg',
  '.',
  '-',
  '+',
])

/** Prints -1, 0 or 1 for each pair of arguments. */
const COMPARE = `
while [ $# -gt 0 ]; do
  if dpkg --compare-versions "$1" lt "$2"; then echo -1
  elif dpkg --compare-versions "$1" eq "$2"; then echo 0
  else echo 1; fi
  shift 2
done`

async function compareWithDpkg(pairs: readonly (readonly [string, string])[]): Promise<number[]> {
  const printed = await runOrFail('sh', ['-c', COMPARE, 'sh', ...pairs.flat()])
  return printed.trim().split('\n').map(Number)
}

describe('the order of Debian versions', () => {
  test('is total', () => {
    expect(findDisorder(debOrder, versions)).toBeNull()
  })

  test('is that of dpkg', async () => {
    const pairs = samplePairs(versions, 300)
    const ours = pairs.map(([a, b]) => compareTexts(debOrder, a, b))
    const theirs = await compareWithDpkg(pairs)
    expect(ours.map((sign, i) => [pairs[i], sign])).toEqual(theirs.map((sign, i) => [pairs[i], sign]))
  })

  test.each([
    ['1.0~rc1', '1.0', -1],
    ['1.0~~', '1.0~', -1],
    ['1.0', '1.0-0', 0],
    ['1.0', '1.0-1', -1],
    ['1.0-1', '1.0-1+deb12u1', -1],
    ['1.0a', '1.0+', -1],
    ['1.09', '1.9', 0],
    ['1.10', '1.9', 1],
    ['1-2-3', '1-10-1', -1],
    ['99999999999999999999999', '100000000000000000000000', -1],
  ])('%s against %s gives %i', (a, b, sign) => {
    expect(compareTexts(debOrder, a, b)).toBe(sign)
  })

  test('leaves epochs out on both sides, plain or escaped', () => {
    expect(compareTexts(debOrder, '1:1.0', '2.0')).toBe(-1)
    expect(compareTexts(debOrder, '1.0', '5:1.0')).toBe(0)
    expect(compareTexts(debOrder, '2%3a1.0', '2%3A1.0')).toBe(0)
  })

  test.each(['', 'current', '~1', '1.0-', '-1', '1_0', '1:2:3', '1 0', '1.0%7erc1', ':1', '1.0\n', 'ü1'])(
    '%j is no version',
    (text) => {
      expect(debOrder.parse(text)).toBeUndefined()
    },
  )
})
