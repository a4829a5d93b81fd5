import { describe, expect, test } from 'vitest'
import { compilePathQuery } from '../../../src/policy/query/path-query.ts'
import type { Truth } from '../../../src/policy/query/truth.ts'
import type { Artifact, ArtifactKind, Format } from '../../../src/policy/types.ts'

function file(format: Format, kind: ArtifactKind, path: string, name?: string): Artifact {
  const filename = path.slice(path.lastIndexOf('/') + 1)
  return { format, kind, path, filename, ...(name === undefined ? {} : { name }) }
}

function judge(query: string, artifact: Artifact): Truth {
  const compiled = compilePathQuery(query)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems))
  return compiled.judge(artifact)
}

const TOOL = file('raw', 'package', 'foo/1.0/Tool-1.0.tgz', 'foo/1.0/Tool-1.0.tgz')

describe('a query over paths', () => {
  test.each([
    ['/foo/1.0/tool-1.0.tgz', true],
    ['^/foo/', true],
    ['^foo/', false],
    ['/1.0/', true],
    ['^/1.0/', false],
    ['.tgz$', true],
    ['.zip$', false],
    ['^/foo/*/tool-*.tgz$', true],
    ['^/foo/*.tgz$', true],
    ['*', true],
    ['~/foo/', false],
    ['NOT /bar/', true],
    ['/bar/ OR /foo/', true],
    ['/foo/ AND NOT .tgz$', false],
    ['/foo/ .tgz$', true],
    ['(/a/ OR /foo/) AND (.zip$ OR .tgz$)', true],
    [`'/foo/1.0'`, true],
    ['NOT (/foo/ AND /2.0/)', true],
    ['/FOO/', true],
  ])('%s says %j', (query, expected) => {
    expect(judge(query, TOOL)).toBe(expected)
  })

  test('finds odd characters in quotes', () => {
    const odd = file('raw', 'package', 'a b/(c) [1], d.txt', 'a b/(c) [1], d.txt')
    expect(judge(`'^/a b/(c) [1], d.txt$'`, odd)).toBe(true)
    expect(judge(`'a b' AND NOT "[2]"`, odd)).toBe(true)
  })

  test.each([
    ['', 0, 'a term is missing'],
    ['tag:latest', 0, 'has no fields, such as "tag"'],
    ['/a/ AND name:x', 8, 'has no fields, such as "name"'],
    ['^', 0, 'a value is missing'],
    ['/a/ OR ~', 7, 'a value is missing'],
    ['(/a/', 0, 'not closed'],
    ['/a/ || /b/', 4, 'no meaning'],
    ['x'.repeat(1025), 1024, 'at most 1024'],
  ])('%s is refused at %i: %s', (query, position, problem) => {
    expect(compilePathQuery(query)).toMatchObject({
      ok: false,
      problems: [{ position, problem: expect.stringContaining(problem) }],
    })
  })
})

describe('what belongs to a package', () => {
  test('has the path of its file in a raw repository', () => {
    const signature = file('raw', 'signature', 'foo/tool.tgz.asc', 'foo/tool.tgz')
    expect(judge('^/foo/tool.tgz$', signature)).toBe(true)
    expect(judge('^/bar/', signature)).toBe(false)
  })

  test('lies in the folder of npm that the name of its package gives', () => {
    const document = file('npm', 'metadata', '@acme/widget', '@acme/widget')
    expect(judge('^/@acme/', document)).toBe(true)
    expect(judge('^/@acme/widget/-/widget-1*.tgz$', document)).toBeUndefined()
    expect(judge('^/@acme/gadget/', document)).toBe(false)
    expect(judge('NOT ^/@acme/', document)).toBe(false)
    expect(judge('widget-1.0.0.tgz$', document)).toBeUndefined()
  })

  test('lies beside its package elsewhere', () => {
    const signature = file('deb', 'signature', 'pool/main/w/widget_1.0_all.deb.asc', 'widget')
    expect(judge('^/pool/main/', signature)).toBe(true)
    expect(judge('^/pool/main/w/widget_1.0_all.deb$', signature)).toBeUndefined()
    expect(judge('^/pool/contrib/', signature)).toBe(false)
    expect(judge('.deb$', file('rpm', 'signature', 'x.rpm.asc', 'x'))).toBeUndefined()
  })
})
