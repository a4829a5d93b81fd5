import { expect, test } from 'vitest'
import { findPageView } from '../../src/request/page-view.ts'
import { parseTarget, type Target } from '../../src/request/target.ts'

const RULES = { hosts: new Map<string, string>(), hasScopedNames: () => false }
const ROOT = '/tok12345/acme/stable/'

function targetOf(path: string): Target {
  const target = parseTarget(path, 'localhost', RULES)
  if ('ok' in target) throw new Error(`${path} is refused: ${target.code}`)
  return target
}

const BROWSERS = {
  Chromium:
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
  Firefox: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  Safari: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  Lynx: 'text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01',
  w3m: 'text/html, text/*;q=0.5, image/*',
  'whoever says so': 'TEXT/HTML',
}

test.each(Object.entries(BROWSERS))('%s is shown a page', (_, accept) => {
  expect(findPageView(targetOf(ROOT), { accept, userAgent: 'Mozilla/5.0' })).toBe('html')
})

const CLIENTS = {
  'most clients': '*/*',
  apt: 'text/*',
  'pip since 22.2':
    'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01',
  npm: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*',
  Java: 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2',
  pub: 'application/vnd.pub.v2+json',
  swift: 'application/vnd.swift.registry.v1+json',
  'one that takes anything': 'application/json, */*',
  'one that wants no HTML': 'text/html;q=0',
  'one that says nothing': undefined,
  nonsense: ';;q=,,text/html;q=x',
}

test.each(Object.entries(CLIENTS))('%s: the storage answers', (_, accept) => {
  expect(findPageView(targetOf(ROOT), { accept })).toBeUndefined()
})

test.each([
  'pip/20.3.4 {"ci":null}',
  'Python-urllib/3.11',
  'setuptools/66',
  'Java/17.0.9',
  'Apache-Maven/3.8.7 (Java 17)',
  'Gradle/8.5',
])('%s is no browser, although it asks for HTML', (userAgent) => {
  expect(findPageView(targetOf(ROOT), { accept: 'text/html', userAgent })).toBeUndefined()
})

test('a program that wants JSON, and nothing besides, is told in JSON', () => {
  for (const accept of ['application/json', 'application/json, text/plain;q=0.5, */*;q=0.1'])
    expect(findPageView(targetOf(ROOT), { accept })).toBe('json')
})

test('the query says it to whomever, and no other query does', () => {
  expect(findPageView(targetOf(`${ROOT}?format=json`), { accept: '*/*' })).toBe('json')
  expect(findPageView(targetOf(`${ROOT}?format=html`), {})).toBe('html')
  const accept = BROWSERS.Firefox
  for (const query of ['?format=xml', '?format=json&x', '?q=tool'])
    expect(findPageView(targetOf(ROOT + query), { accept })).toBeUndefined()
})

test('the page is at the root of a repository, by each entrance but that of registries', () => {
  const asker = { accept: BROWSERS.Firefox }
  for (const path of [ROOT, '/t/tok12345/acme/stable/', '/basic/acme/stable', '/public/acme/stable/'])
    expect([path, findPageView(targetOf(path), asker)]).toEqual([path, 'html'])
  for (const path of [`${ROOT}dists/`, `${ROOT}index.html`, '/v2/', '/v2/acme/images/'])
    expect([path, findPageView(targetOf(path), asker)]).toEqual([path, undefined])
})
