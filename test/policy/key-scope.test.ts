import { describe, expect, test } from 'vitest'
import { compileKeyScope, EVERYWHERE } from '../../src/policy/key-scope.ts'

describe('the repositories of a key', () => {
  test.each<[string[], string[], boolean]>([
    [['acme/*'], ['acme/stable'], true],
    [['acme/*'], ['acme/*'], true],
    [['acme/*'], ['acme/s?able', 'acme/**'], true],
    [['acme/stable'], ['acme/*'], false],
    [['acme/*'], ['acme/stable', 'other/stable'], false],
    [['acme/*'], ['acme*/stable'], false],
    [['acme/a*', 'acme/b*'], ['acme/b1', 'acme/a*'], true],
    [['*/stable'], ['acme/stable'], true],
    [['*/stable'], ['acme/*'], false],
    [['acme/*'], [], true],
    [[], [], true],
    [[], ['acme/stable'], false],
    [['acme/*', 'other/*'], [...EVERYWHERE], false],
    [['**/*'], [...EVERYWHERE], true],
  ])('%j cover all that %j names: %j', (globs, others, expected) => {
    expect(compileKeyScope(globs).coversGlobs(others)).toBe(expected)
  })

  test('that can not be read cover nothing', () => {
    const scope = compileKeyScope(['acme/*', 'nonsense'])
    expect(scope.coversRepository('acme', 'stable')).toBe(false)
    expect(scope.coversGlobs([])).toBe(false)
  })

  test('cover no list that can not be read, unless they cover everything', () => {
    expect(compileKeyScope(['acme/*']).coversGlobs(['acme/[ab]'])).toBe(false)
    expect(compileKeyScope(EVERYWHERE).coversGlobs(['acme/[ab]'])).toBe(true)
  })
})
