import { describe, expect, test } from 'vitest'
import { compileRepositoryGlobs } from '../../src/policy/repositories.ts'

function covers(globs: readonly string[], owner: string, repo: string): boolean {
  const scope = compileRepositoryGlobs(globs)
  return scope.ok && scope.coversRepository(owner, repo)
}

describe('repository globs', () => {
  test.each([
    [['acme/deb'], 'acme', 'deb', true],
    [['acme/deb'], 'acme', 'deb2', false],
    [['acme/deb'], 'Acme', 'deb', false],
    [['acme/*'], 'acme', 'anything', true],
    [['acme/*'], 'acme2', 'deb', false],
    [['*/deb'], 'acme', 'deb', true],
    [['**/**'], 'acme', 'deb', true],
    [['acme-?/deb'], 'acme-1', 'deb', true],
    [['a/b', 'acme/deb'], 'acme', 'deb', true],
    [[], 'acme', 'deb', false],
  ])('%j for %s/%s: %j', (globs, owner, repo, expected) => {
    expect(covers(globs, owner, repo)).toBe(expected)
  })

  test('never reach over the slash between owner and repository', () => {
    expect(covers(['a*/c'], 'a', 'b/c')).toBe(false)
    expect(covers(['acme*/x'], 'acme', 'deb/x')).toBe(false)
  })

  test.each(['acme', '', '/', 'acme/', '/deb', 'acme/deb/x', 'acme /deb', 'acme/d%65b', 'ac[m]e/deb', '**'])(
    '%j is refused',
    (glob) => {
      expect(compileRepositoryGlobs([glob]).ok).toBe(false)
    },
  )

  test('report every bad entry with its place', () => {
    expect(compileRepositoryGlobs(['acme/deb', 'acme', 'x/y/z'])).toEqual({
      ok: false,
      problems: [
        { index: 1, message: '"acme" is not of the form owner/repo' },
        { index: 2, message: '"x/y/z" is not of the form owner/repo' },
      ],
    })
  })
})
