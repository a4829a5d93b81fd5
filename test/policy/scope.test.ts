import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePackageRules } from '../../src/policy/scope.ts'
import type { Artifact, ArtifactKind, Format } from '../../src/policy/types.ts'

interface File {
  readonly kind?: ArtifactKind
  readonly format?: Format
  readonly name?: string
  readonly version?: string
}

function artifact({ kind = 'package', format = 'deb', ...rest }: File): Artifact {
  return { kind, format, path: 'x', filename: 'x', ...rest }
}

function covers(rules: readonly string[], file: File): boolean {
  const scope = compilePackageRules(rules)
  if (!scope.ok) throw new Error(JSON.stringify(scope.problems))
  return scope.covers(artifact(file))
}

function problems(...rules: string[]): readonly (readonly [number, string])[] {
  const scope = compilePackageRules(rules)
  return scope.ok ? [] : scope.problems.map(({ index, message }) => [index, message] as const)
}

const curl = { name: 'curl', version: '7.88-1' }

describe('package rules', () => {
  test.each<[readonly string[], File, boolean]>([
    [[], curl, false],
    [['curl'], curl, true],
    [['Curl'], curl, false],
    [['wget'], curl, false],
    [['deb:curl'], curl, true],
    [['rpm:curl'], curl, false],
    [['cur?'], curl, true],
    [['**'], curl, true],
    [['curl@>=7'], curl, true],
    [['curl@>=8'], curl, false],
    [['curl@<7 || 7.88-*'], curl, true],
    [['deb:curl@2:7.88-1'], curl, true],
    [['*'], { format: 'npm', name: '@acme/widget', version: '1.0.0' }, false],
    [['**'], { format: 'npm', name: '@acme/widget', version: '1.0.0' }, true],
    [['@acme/*'], { format: 'npm', name: '@acme/widget', version: '1.0.0' }, true],
    [['@acme/*'], { format: 'npm', name: '@acme-evil/widget', version: '1.0.0' }, false],
    [['npm:@acme/widget@^1.0'], { format: 'npm', name: '@acme/widget', version: '1.9.0' }, true],
    [['npm:@acme/widget@^1.0'], { format: 'npm', name: '@acme/widget', version: '2.0.0' }, false],
    [['@acme/widget@1.*'], { format: 'npm', name: '@acme/widget', version: '1.9.0' }, true],
    [['releases/**'], { format: 'raw', name: 'releases/1.0/tool.tar.gz' }, true],
    [['releases/*'], { format: 'raw', name: 'releases/1.0/tool.tar.gz' }, false],
    [['pypi:curl'], curl, false],
    [['DEB:curl'], curl, false],
    [['deb:deb:x'], { name: 'deb:x' }, true],
  ])('%j for %j: %j', (rules, file, expected) => {
    expect(covers(rules, file)).toBe(expected)
  })

  test('are decided by the last one that matches', () => {
    expect(covers(['**', '!curl'], curl)).toBe(false)
    expect(covers(['**', '!curl', 'curl'], curl)).toBe(true)
    expect(covers(['**', '!curl@>=8'], curl)).toBe(true)
    expect(covers(['**', '!curl@>=7'], curl)).toBe(false)
    expect(covers(['**', '!rpm:curl'], curl)).toBe(true)
    expect(covers(['!wget', 'curl'], curl)).toBe(true)
  })
})

describe('a file whose version can not be told', () => {
  test.each<File>([
    { name: 'chrome' },
    { name: 'chrome', version: 'current' },
    { name: 'chrome', version: '' },
  ])('%j: matches no allowing rule with a range and every forbidding one', (file) => {
    expect(covers(['chrome'], file)).toBe(true)
    expect(covers(['chrome@*'], file)).toBe(false)
    expect(covers(['chrome@>=1'], file)).toBe(false)
    expect(covers(['chrome', '!chrome@<1'], file)).toBe(false)
    expect(covers(['chrome', '!firefox@<1'], file)).toBe(true)
  })

  test('is not covered when its name is missing too', () => {
    expect(covers(['**'], {})).toBe(false)
    expect(covers(['**'], { version: '1.0' })).toBe(false)
  })
})

describe('prereleases of npm', () => {
  const prerelease = { format: 'npm', name: 'widget', version: '2.0.0-rc.1' } as const

  test('are allowed only by a range that names one', () => {
    expect(covers(['npm:widget@>=1.0.0'], prerelease)).toBe(false)
    expect(covers(['npm:widget@>=2.0.0-0'], prerelease)).toBe(true)
  })

  test('are forbidden by every range that reaches over them', () => {
    expect(covers(['widget', '!npm:widget@>=1.5.0'], prerelease)).toBe(false)
    expect(covers(['widget', '!npm:widget@>=2'], prerelease)).toBe(false)
    expect(covers(['widget', '!npm:widget@>=3'], prerelease)).toBe(true)
  })
})

describe.each<ArtifactKind>(['metadata', 'signature', 'checksum'])('a %s', (kind) => {
  test('with a name and a version is covered as its package is', () => {
    for (const rules of [['curl'], ['curl@>=8'], ['**', '!curl'], ['**', '!curl@<8'], []]) {
      expect(covers(rules, { kind, ...curl })).toBe(covers(rules, curl))
    }
  })

  test('with a name only is covered when some version may be', () => {
    const file = { kind, name: 'curl' }
    expect(covers(['curl@>=8'], file)).toBe(true)
    expect(covers(['curl', '!curl@>=8'], file)).toBe(true)
    expect(covers(['curl', '!curl'], file)).toBe(false)
    expect(covers(['curl@1.0', '!cu*', '!curl@>=8'], file)).toBe(false)
    expect(covers(['wget'], file)).toBe(false)
    expect(covers(['wget', '!curl@>=8'], file)).toBe(false)
    expect(covers(['rpm:curl'], file)).toBe(false)
  })

  test('without a name is always covered', () => {
    expect(covers([], { kind })).toBe(true)
    expect(covers(['wget'], { kind })).toBe(true)
  })
})

describe('other kinds', () => {
  test('a key is always covered', () => {
    expect(covers([], { kind: 'key' })).toBe(true)
  })

  test.each<ArtifactKind>(['listing', 'unknown'])('a file of kind %s is never covered', (kind) => {
    expect(covers(['**'], { kind })).toBe(false)
    expect(covers(['**'], { kind, ...curl })).toBe(false)
  })
})

describe('mistakes', () => {
  test.each([
    ['', 'the name is missing'],
    ['!', 'the name is missing'],
    ['npm:', 'the name is missing'],
    ['  ', 'the name is missing'],
    [' curl', 'spaces around'],
    ['curl @>=1', 'spaces around'],
    ['npm: curl', 'spaces around'],
    ['/releases/**', 'begins with "/"'],
    ['releases/', 'write "/**"'],
    ['curl@', 'a version is missing'],
    ['deb:curl@', 'a version is missing'],
    ['deb:curl@^1.0', 'known for npm, go, helm, raw, hex, dart and swift'],
    ['deb:curl@latest', '"latest" is not a Debian version'],
    ['rpm:curl@1-2-3', '"1-2-3" is not an RPM version'],
    ['npm:curl@>=1.0.0 ||', 'a version is missing'],
    ['curl@^1.0', 'begin the rule with its format'],
    ['logo@2x.png', 'begin the rule with its format'],
    ['x'.repeat(513), 'longer than 512'],
  ])('%j is refused', (rule, message) => {
    expect(problems('**', rule)).toEqual([[1, expect.stringContaining(message)]])
  })

  test('are reported all at once, each with its place', () => {
    expect(problems('', 'curl', 'deb:x@^1').map(([index]) => index)).toEqual([0, 2])
  })

  test('a list that only forbids is refused', () => {
    expect(problems('!curl', '!wget@>=1')).toEqual([[0, expect.stringContaining('begin the list with "**"')]])
  })

  test('a range without a format has to make sense for every format', () => {
    expect(problems('curl@1.0')).toEqual([])
    expect(problems('curl@1.0~rc1')).toEqual([[0, expect.stringContaining('read for npm')]])
  })
})

test('any rules are compiled or refused, and then any file is judged', () => {
  const rule = fc.string({
    unit: fc.constantFrom('!', 'npm:', 'a', '@', '*', '?', '/', '1', '.', '^', '>', ' '),
  })
  const file = fc.record({ name: fc.string(), version: fc.string() }, { requiredKeys: [] })
  const property = fc.property(fc.array(rule), file, (rules, given) => {
    const scope = compilePackageRules(rules)
    expect(scope.ok ? typeof scope.covers(artifact(given)) : scope.problems.length > 0).toBeTruthy()
  })
  fc.assert(property, { numRuns: 500 })
})
