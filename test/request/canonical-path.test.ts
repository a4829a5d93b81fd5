import { describe, expect, test } from 'vitest'
import { canonicalPath } from '../../src/request/canonical-path.ts'

function canonical(raw: string, scopedNames = false): string {
  const path = canonicalPath(raw.split('/'), scopedNames)
  return 'ok' in path ? `refused: ${path.facts.why ?? ''}` : path.join('/')
}

describe('a canonical path', () => {
  test.each([
    ['dists/stable/InRelease', 'dists/stable/InRelease'],
    ['./InRelease', 'InRelease'],
    ['a/./b/././c', 'a/b/c'],
    ['a/%2E/b', 'a/b'],
    ['a//b', 'a/b'],
    ['a/', 'a/'],
    ['a/.', 'a/'],
    ['', ''],
    ['.', ''],
    ['pool/g/g%2b%2b_1%3a2%7erc1_amd64.deb', 'pool/g/g++_1:2~rc1_amd64.deb'],
    ['pool/g/g++_1:2~rc1_amd64.deb', 'pool/g/g++_1:2~rc1_amd64.deb'],
    ['%41%62', 'Ab'],
    ['%2b%2B', '++'],
    ['a%20b/c%20d', 'a b/c d'],
    ['a+b', 'a+b'],
    ['a%3Fb%23c', 'a?b#c'],
    ['%C3%BC/%e2%82%ac', 'ü/€'],
    ['\u00c3\u00bc', 'ü'],
    ['%f0%9f%a6%80', '🦀'],
    ['.hidden/..two/...three', '.hidden/..two/...three'],
    ['%2ehidden', '.hidden'],
    ['a..b/c.', 'a..b/c.'],
    ['Acme%20Inc./x', 'Acme Inc./x'],
    ['"<>|`{}^[]', '"<>|`{}^[]'],
    ["!$&'()*,=:@", "!$&'()*,=:@"],
    ['100%25', '100%'],
    ['100%2525', '100%25'],
    ['foo_2%253a1.0_all.deb', 'foo_2%3a1.0_all.deb'],
    ['__proto__/constructor', '__proto__/constructor'],
  ])('of %j is %j', (raw, expected) => {
    expect(canonical(raw)).toBe(expected)
  })

  test('is its own canonical form when its segments are encoded again', () => {
    const path = 'a b/ü+~%3a/100%/?#[]@!.x/..y/'
    expect(canonical(path.split('/').map(encodeURIComponent).join('/'))).toBe(path)
  })
})

describe('a segment is refused that', () => {
  test.each([
    '..',
    '%2e%2e',
    '.%2E',
    '%2e.',
    'a/..',
    '../a',
    '...',
    '.%20',
    '..%20',
    '..%20.',
    '%20',
    '%20..',
  ])('climbs, also on Windows: %s', (raw) => {
    expect(canonical(raw)).toMatch(/^refused: a "\.\." segment/)
  })

  test.each(['%', '%2', '%zz', 'a%', '%%32%65', '%u002e', '%2%65', 'x%e9%'])('is malformed: %s', (raw) => {
    expect(canonical(raw)).toBe('refused: a malformed percent escape')
  })

  test.each([
    ['an overlong slash', '%c0%af'],
    ['an overlong dot', '%c0%ae%c0%ae'],
    ['an overlong dot of three bytes', '%e0%80%ae'],
    ['an overlong dot of four bytes', '%f0%80%80%ae'],
    ['a lone continuation byte', '%80'],
    ['a byte of Latin-1', '%e9'],
    ['a raw byte of Latin-1', '\u00e9'],
    ['an encoded surrogate', '%ed%a0%80'],
    ['a code point above U+10FFFF', '%f4%90%80%80'],
    ['a sequence that is cut off', '%e2%82'],
    ['a raw byte joined to an escape', '\u00c3%28'],
  ])('holds %s', (_, raw) => {
    expect(canonical(raw)).toBe('refused: bytes that are not UTF-8')
  })

  test.each([
    '%2f',
    '%2F',
    'a%2fb',
    '%5c',
    '%5C..',
    '%00',
    'a%00.deb',
    '%0a',
    '%0d%0a',
    '%1f',
    '%7f',
    '%c2%80',
    '%c2%9f',
    '%e2%80%a8',
    '%e2%80%a9',
    '%3b',
    '..%3Bx',
  ])('holds an encoded separator or control character: %s', (raw) => {
    expect(canonical(raw)).toBe('refused: an encoded slash, backslash, ";" or control character')
  })

  test.each([
    '%252e%252e',
    '%252E',
    '%252f',
    '%255c',
    '%2500',
    '%25%32%65',
    '%25252e',
    '%2525252525252e',
    '%25%35%63',
    '%252525252525252525252541',
  ])('hides a separator below another layer of escapes: %s', (raw) => {
    expect(canonical(raw)).toBe('refused: a second level of escaping')
  })

  test.each([
    '%ef%bc%8e%ef%bc%8e',
    '%e2%80%a5',
    '%e2%80%a4%e2%80%a4',
    '..%ef%bc%8fx',
    '.%ef%bc%8e',
    'a%ef%bc%bc..',
  ])('climbs in compatibility characters: %s', (raw) => {
    expect(canonical(raw)).toBe('refused: a ".." segment in other characters')
  })
})

describe('a scoped name', () => {
  test.each([
    ['@acme%2fwidget', '@acme/widget'],
    ['@acme%2Fwidget', '@acme/widget'],
    ['@acme/widget', '@acme/widget'],
    ['%40acme%2fwidget', '@acme/widget'],
    ['@acme%2fwidget/-/widget-1.0.0.tgz', '@acme/widget/-/widget-1.0.0.tgz'],
    ['-/package/@acme%2fwidget/dist-tags', '-/package/@acme/widget/dist-tags'],
  ])('%s is read as %s', (raw, expected) => {
    expect(canonical(raw, true)).toBe(expected)
  })

  test.each([
    '@acme%2f',
    '@acme%2f.',
    '@acme%2f%2e',
    '@acme%2f..',
    '@acme%2f..%2fx',
    '@acme%2f%2e%2e',
    '@acme%2f%2fx',
    '@acme%2fx%2fy',
    '@acme%252fwidget',
    '@acme%5cwidget',
    'acme%2fwidget',
    'x@acme%2fwidget',
    '-%2fv1%2fsearch',
  ])('%s is refused', (raw) => {
    expect(canonical(raw, true)).toMatch(/^refused/)
  })

  test('is not known in other repositories', () => {
    expect(canonical('@acme%2fwidget')).toMatch(/^refused/)
  })
})
