import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { curlMentions, EXCUSES, isOffered, mentionsIn, ROOTS, type Mention } from './api-addresses.ts'
import { API } from './openapi-document.ts'

const ROOT = join(import.meta.dirname, '../..')
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
)

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8')
}

/** Every text of the document, by the field that has it. */
function textsOf(value: unknown, field = ''): readonly (readonly [field: string, text: string])[] {
  if (typeof value === 'string') return [[field, value]]
  if (typeof value !== 'object' || value === null) return []
  const isExample = field.startsWith('example')
  return Object.entries(value).flatMap(([name, each]) =>
    textsOf(each, isExample || Array.isArray(value) ? field : name),
  )
}

const TEXTS = textsOf({ ...API, servers: [] })
const PROSE = new Set(['description', 'summary', 'title'])

/** True of what is not meant for the gate: the pages name methods of the API alone. */
function isOfApi({ method, path }: Mention): boolean {
  // The pages of the console are no part of the API.
  if (path === '/console/') return false
  return method !== undefined || ROOTS.has(path.replace(/^\/(?:v1\/)?/, '').split('/')[0] ?? '')
}

function wrong(mentions: readonly Mention[]): readonly Mention[] {
  return mentions.filter((mention) => !isOffered(mention))
}

describe('the description of the API', () => {
  test('names in its prose only addresses that there are', () => {
    const mentions = TEXTS.flatMap(([field, text]) => (PROSE.has(field) ? mentionsIn(text) : []))
    const named = mentions.filter(({ path }) => path !== '/v1')
    expect(named.length).toBeGreaterThan(3)
    expect(wrong(named)).toEqual([])
  })

  test('has only addresses in its examples that there are, of the API and of its own host', () => {
    const examples = TEXTS.flatMap(([field, text]) => (field.startsWith('example') ? [text] : []))
    expect(examples.length).toBeGreaterThan(20)
    expect(wrong(examples.flatMap(mentionsIn).filter(isOfApi))).toEqual([])
    const urls = examples.flatMap((text) => text.match(/https?:\/\/[^\s"/]+/g) ?? [])
    expect(urls.filter((url) => !/^https:\/\/(?:[\w-]+\.)?example\.com$/.test(url))).toEqual([])
  })

  test('refers only to pages that there are', () => {
    const pages = TEXTS.flatMap(([, text]) => text.match(/\bdocs\/[\w-]+\.md/g) ?? [])
    expect(pages).not.toEqual([])
    expect(pages.filter((page) => !existsSync(join(ROOT, page)))).toEqual([])
  })
})

test('what says why something is not offered leads to what is', () => {
  const mentions = EXCUSES.flatMap(mentionsIn)
  expect(mentions).toContainEqual({ method: 'POST', path: '/keys/' })
  expect(wrong(mentions)).toEqual([])
})

describe('the pages', () => {
  test('ask with curl what the API answers', () => {
    const mentions = PAGES.flatMap((page) => curlMentions(read(page)))
    expect(mentions.length).toBeGreaterThan(3)
    expect(wrong(mentions)).toEqual([])
  })

  test.each(PAGES)('%s names only addresses of the API that there are', (page) => {
    // Rows of what is not offered are judged by cloudsmith.test.ts.
    const lines = read(page)
      .split('\n')
      .filter((line) => !/^\|[^|]*\| not offered/.test(line))
    const quoted = lines.flatMap((line) => line.match(/`[^`]+`/g) ?? [])
    const mentions = quoted.flatMap((text) => mentionsIn(text.slice(1, -1)))
    expect(wrong(mentions.filter(isOfApi))).toEqual([])
  })
})

describe('the judge', () => {
  test.each([
    'GET /entitlements/{owner}/{repo}/',
    'GET /v1/entitlements/acme/stable/',
    'PATCH /entitlements/OWNER/ID/',
    'PATCH /entitlements/acme/01JD0000000000000000000001/',
    'POST /entitlements/{owner}/bulk/',
    'POST /entitlements/acme/stable/$ID/refresh',
    'HEAD /keys/',
    'POST …/reset/',
    '/usage/OWNER/REPO/packages/NAME/',
  ])('knows %s', (text) => {
    expect(mentionsIn(`See ${text}.`).map(isOffered)).toEqual([true])
  })

  test.each([
    'PUT /entitlements/{owner}/{repo}/',
    'GET /entitlement/{owner}/',
    'POST /keys/{slug_perm}/renew/',
    'DELETE /entitlements/OWNER/export/',
    'GET /keys/rotate/',
    'POST …/resets/',
    '/entitlements/OWNER/REPO/ID/usages/',
  ])('does not know %s', (text) => {
    expect(mentionsIn(`See ${text}.`).map(isOffered)).toEqual([false])
  })

  test('reads the method and the address of a line of curl', () => {
    const page = [
      '```sh',
      'curl -X PATCH -d 1 \\',
      '  "$API/keys/$ID/?a=b" | jq .',
      'curl --data-binary @x ${POSTERN_API}/cache/purge/',
      'curl http://127.0.0.1:8081/healthz',
      'curl -u "$API_TOKEN:" https://packagecloud.io/api/v1/',
      '```',
    ]
    expect(curlMentions(page.join('\n'))).toEqual([
      { method: 'PATCH', path: '/keys/$ID/' },
      { method: 'POST', path: '/cache/purge/' },
      { method: 'GET', path: '/healthz' },
    ])
  })
})
