import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePackageQuery } from '../../../src/policy/query/package-query.ts'
import { PACKAGE_FIELDS, UNTOLD_FIELDS } from '../../../src/policy/query/fields.ts'
import type { Truth } from '../../../src/policy/query/truth.ts'
import type { Artifact } from '../../../src/policy/types.ts'

const CURL: Artifact = {
  format: 'deb',
  kind: 'package',
  path: 'pool/main/c/curl/libcurl4_7.88.1-10_amd64.deb',
  filename: 'libcurl4_7.88.1-10_amd64.deb',
  name: 'libcurl4',
  version: '7.88.1-10',
  arch: 'amd64',
}
const WIDGET: Artifact = {
  format: 'npm',
  kind: 'package',
  path: '@acme/widget/-/widget-1.2.3.tgz',
  filename: 'widget-1.2.3.tgz',
  name: '@acme/widget',
  version: '1.2.3',
}
const TOOL: Artifact = {
  format: 'raw',
  kind: 'package',
  path: 'releases/2.0/Tool.tar.gz',
  filename: 'Tool.tar.gz',
  name: 'releases/2.0/Tool.tar.gz',
}

function judge(query: string, artifact: Artifact): Truth {
  const compiled = compilePackageQuery(query)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems))
  return compiled.judge(artifact, 'acme', 'stable')
}

function problems(query: string): readonly unknown[] {
  const compiled = compilePackageQuery(query)
  return compiled.ok ? [] : compiled.problems.map(({ position, problem }) => `${position}: ${problem}`)
}

describe('a term', () => {
  test.each<[string, Artifact, Truth]>([
    ['name:curl', CURL, true],
    ['name:CURL', CURL, true],
    ['name:^libcurl4$', CURL, true],
    ['name:^curl', CURL, false],
    ['name:lib*4', CURL, true],
    ['name:~curl', CURL, false],
    ['name:~wget', CURL, true],
    ['name:^@acme/', WIDGET, true],
    ['name:tool', TOOL, true],
    ['name:^tool', TOOL, false],
    ['filename:^tool', TOOL, true],
    ['filename:.deb$', CURL, true],
    ['filename:.deb$', WIDGET, false],
    ['curl', CURL, true],
    ['^curl$', CURL, false],
    ['amd64', CURL, false],
    ['7.88.1', CURL, false],
    ['version:>7', CURL, true],
    ['version:~>7', CURL, false],
    ['version:>7', TOOL, undefined],
    ['version:*', TOOL, undefined],
    ['prerelease:false', CURL, true],
    ['prerelease:true', { ...WIDGET, version: '1.2.3-rc.1' }, true],
    ['prerelease:True', WIDGET, false],
    ['prerelease:~true', WIDGET, true],
    ['prerelease:false', TOOL, undefined],
    ['prerelease:false', { ...CURL, version: '1.0-1~bpo12+1' }, undefined],
    ['architecture:amd64', CURL, true],
    ['architecture:AMD64', CURL, true],
    ['architecture:amd', CURL, false],
    ['architecture:^amd', CURL, true],
    ['architecture:amd*', CURL, true],
    ['architecture:~arm64', CURL, true],
    ['architecture:amd64', WIDGET, undefined],
    ['architecture:~amd64', TOOL, undefined],
    ['format:deb', CURL, true],
    ['format:^deb$', CURL, true],
    ['format:npm', CURL, false],
    ['format:~npm', WIDGET, false],
    ['type:binary', CURL, true],
    ['type:source', CURL, false],
    ['type:source', { ...CURL, arch: 'source' }, true],
    ['type:source', { ...CURL, format: 'rpm', arch: 'src' }, true],
    ['type:binary', { ...CURL, format: 'rpm', arch: 'nosrc' }, false],
    ['type:binary', WIDGET, undefined],
    ['repository:stable', CURL, true],
    ['repository:STABLE', CURL, true],
    ['repository:stab', CURL, false],
    ['repository:st*', CURL, true],
    ['repository:acme/stable', CURL, true],
    ['repository:other/stable', CURL, false],
    ['repository:acme/*', CURL, true],
  ])('%s for %j is %j', (query, artifact, expected) => {
    expect(judge(query, artifact)).toBe(expected)
  })
})

describe('terms', () => {
  test.each<[string, Truth]>([
    ['name:curl AND architecture:amd64', true],
    ['name:curl architecture:arm64', false],
    ['name:wget OR name:curl', true],
    ['name:wget OR name:curl AND architecture:arm64', false],
    ['(name:wget OR name:curl) AND architecture:amd64', true],
    ['NOT name:wget', true],
    ['NOT (name:wget OR name:curl)', false],
    ['NOT name:~curl', true],
    ['name:curl NOT version:>=8', true],
    [`name:"curl4" version:'>=7.88'`, true],
    ['package-darwin-amd64 OR curl', true],
  ])('%s', (query, expected) => {
    expect(judge(query, CURL)).toBe(expected)
  })
})

describe('of the document of a package', () => {
  const document: Artifact = {
    format: 'npm',
    kind: 'metadata',
    path: '@acme/widget',
    filename: 'widget',
    name: '@acme/widget',
  }

  test.each<[string, Truth]>([
    ['name:widget', true],
    ['name:gadget', false],
    ['version:>1', undefined],
    ['name:gadget version:>1', false],
    ['filename:.tgz$', undefined],
    ['filename:~.tgz$', undefined],
  ])('%s says %j', (query, expected) => {
    expect(judge(query, document)).toBe(expected)
  })
})

test('of a signature in a raw repository is known what the file is called that it is about', () => {
  const signature: Artifact = {
    ...TOOL,
    kind: 'signature',
    path: `${TOOL.path}.asc`,
    filename: 'Tool.tar.gz.asc',
  }
  expect(judge('filename:^tool.tar.gz$', signature)).toBe(true)
  expect(judge('filename:^other', signature)).toBe(false)
})

describe('a query is refused', () => {
  test.each([...UNTOLD_FIELDS])('when it asks for %s, which nothing in a request tells', (field) => {
    expect(problems(`name:a OR ${field}:x`)).toEqual([
      `10: nothing in a request tells "${field}" of a package`,
    ])
  })

  test('when it asks for a field that does not exist', () => {
    expect(compilePackageQuery('name:a nmae:b')).toEqual({
      ok: false,
      problems: [{ position: 7, problem: 'there is no field "nmae"', unknownField: 'nmae' }],
    })
    for (const field of ['Name', 'NAME', 'constructor', '__proto__', 'toString', 'name.x', 'na-me', 'arch']) {
      expect(problems(`${field}:x`)).not.toEqual([])
    }
  })

  test.each([
    ['name:', 5, 'a value is missing'],
    ['name:~', 5, 'a value is missing'],
    ['name:^$', 5, 'a value is missing'],
    ['name: a', 5, 'a value is missing'],
    [`name:''`, 5, 'a value is missing'],
    ['name:(a OR b)', 5, 'a value is missing'],
    ['name:~~a', 5, 'one ~ is enough'],
    ['name:>a', 5, 'only versions are compared so'],
    ['name:=a', 5, 'write ^text$'],
    ['filename:~=a', 9, 'only versions are compared so'],
    ['architecture:>i386', 13, 'only versions are compared so'],
    ['format:pyhton', 7, 'this must be deb or rpm or npm or raw'],
    ['format:', 7, 'this must be'],
    ['format:d*', 7, 'this must be'],
    ['type:combined', 5, 'this must be binary or source'],
    ['prerelease:yes', 11, 'this must be true or false'],
    ['version:', 8, 'a value is missing'],
    ['version:>', 8, 'a version is missing after >'],
    ['version:>=~1', 8, 'is not one version'],
    ['version:>abc', 8, '"abc" is no version of any format'],
    [`version:'>1 || <3'`, 8, 'is not one version'],
    ['version:>1.*', 8, 'is not one version'],
    ['version:~=1', 8, 'two or more numbers'],
    ['version:~=1.0-rc1', 8, 'two or more numbers'],
    ['repository:', 11, 'a value is missing'],
    ['NOT curl', 4, 'a word without a field can not be negated'],
    ['~curl', 0, 'a word without a field can not be negated'],
    ['NOT (name:a OR curl)', 15, 'a word without a field can not be negated'],
    ['>1', 0, 'only versions are compared so'],
  ])('%s, at %i: %s', (query, position, problem) => {
    expect(problems(query)).toEqual([expect.stringMatching(`^${position}: `)])
    expect(problems(query)[0]).toContain(problem)
  })

  test('with all that is wrong with its terms', () => {
    expect(problems('tag:a OR (nmae:b AND NOT name:) version:>')).toHaveLength(4)
  })

  test('unless what turns a word round is turned round itself', () => {
    expect(judge('NOT NOT curl', CURL)).toBe(true)
    expect(judge('NOT ~curl', CURL)).toBe(true)
  })
})

const artifacts: fc.Arbitrary<Artifact> = fc
  .record(
    {
      format: fc.constantFrom('deb', 'rpm', 'npm', 'raw'),
      filename: fc.constantFrom('a', 'ab.deb', 'b'),
      name: fc.constantFrom('a', 'ab', 'b/a'),
      version: fc.constantFrom('1.0.0', '1.0.0-rc.1', '2.0.0', '10.0.0-1', 'latest', ''),
      arch: fc.constantFrom('amd64', 'source', 'src'),
    },
    { requiredKeys: ['format', 'filename'] },
  )
  .map((facts) => ({ kind: 'package', path: facts.filename, ...facts }))

const TERMS =
  'name:a name:^a$ name:~b filename:deb$ version:>1 version:~>1 version:<=1.0.0 version:1.0.0 version:~1.0.0 version:~=1.0 ' +
  'version:rc version:^1* prerelease:true prerelease:~true architecture:amd64 type:source format:npm repository:stable'
const terms = fc.constantFrom(...TERMS.split(' '))
const { query: queries } = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    terms,
    fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a} AND ${b})`),
    fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a} OR ${b})`),
    tie('query').map((a) => `NOT ${a}`),
  ),
}))

describe('whatever a query asks', () => {
  test('its negation never holds for what it holds for, and both hold nowhere that something needed is not known', () => {
    const property = fc.property(queries, artifacts, (query, artifact) => {
      const [plain, negated] = [judge(query, artifact), judge(`NOT (${query})`, artifact)]
      expect(negated).toBe(plain === undefined ? undefined : !plain)
    })
    fc.assert(property, { numRuns: 1000 })
  })

  test('the laws of De Morgan hold', () => {
    const property = fc.property(queries, queries, artifacts, (a, b, artifact) => {
      expect(judge(`NOT (${a} AND ${b})`, artifact)).toBe(judge(`NOT (${a}) OR NOT (${b})`, artifact))
      expect(judge(`NOT (${a} OR ${b})`, artifact)).toBe(judge(`NOT (${a}) AND NOT (${b})`, artifact))
    })
    fc.assert(property, { numRuns: 1000 })
  })

  test('what it says of a package stays true when more of the package becomes known', () => {
    const property = fc.property(queries, artifacts, artifacts, (query, less, more) => {
      const known = judge(query, less)
      const { format, filename } = less
      fc.pre(known !== undefined)
      expect(judge(query, { ...more, ...less, format, filename })).toBe(known)
    })
    fc.assert(property, { numRuns: 1000 })
  })

  test.each(['>1', '<=1', '=1', '~=1.0', '1', '^1', '*'])(
    'version:%s covers no file without a version, neither as it stands nor turned round',
    (value) => {
      for (const query of [`version:${value}`, `NOT version:${value}`, `NOT (name:x OR version:${value})`])
        expect(judge(query, { ...TOOL, format: 'deb' })).toBeUndefined()
    },
  )

  test('any text is compiled or refused, and then any file is judged', () => {
    const pieces = "name:|version:|format:| AND | OR | NOT |(|)|~|^|$|*|>|=|1|.|a|'| ".split('|')
    const piece = fc.constantFrom(...pieces)
    const property = fc.property(fc.string({ unit: piece, maxLength: 200 }), artifacts, (text, artifact) => {
      const compiled = compilePackageQuery(text)
      const answer = compiled.ok ? compiled.judge(artifact, 'acme', 'stable') : compiled.problems.length > 0
      expect([true, false, undefined]).toContain(answer)
    })
    fc.assert(property, { numRuns: 2000 })
  })
})

test('the longest query is done with the longest name that it nearly matches', () => {
  const query = Array.from({ length: 30 }, () => `name:^${'*a'.repeat(10)}*b$`).join(' OR ')
  expect(query.length).toBeLessThan(1024)
  expect(judge(query, { ...TOOL, name: 'a'.repeat(100_000) })).toBe(false)
})

test('no field is both judged and refused', () => {
  expect([...PACKAGE_FIELDS.keys()].filter((field) => UNTOLD_FIELDS.has(field))).toEqual([])
})
