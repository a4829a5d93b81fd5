import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { API } from '../../docs/openapi-document.ts'
import { describeApi } from '../../../src/admin/openapi/document.ts'
import { allRoutes } from '../../../src/admin/all-routes.ts'
import type { AdminOptions } from '../../../src/admin/app.ts'
import { renderPage } from '../../../src/admin/openapi/page.ts'
import { useApi } from '../api.ts'
import { OPERATIONS } from './operations.ts'

const api = useApi()
const PAGE = renderPage(API)

test.each(['/docs', '/docs/', '/v1/docs/'])('%s is the page, without a key', async (path) => {
  const { status, headers, text } = await api.send(path)
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(text).toBe(PAGE)
})

test('the page loads nothing, runs nothing, and its policy permits no more than its own style', async () => {
  const { headers, text } = await api.send('/docs/')
  expect(text).not.toMatch(/<script|<img|<link|<iframe|<form|\son\w+=|\sstyle=|javascript:|url\(|@import/i)
  const [, style = ''] = /<style>([^]*?)<\/style>/.exec(text) ?? []
  const policy = headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none';")
  expect(policy).toContain(`style-src 'sha256-${hash('sha256', style, 'base64')}';`)
})

test('every link of the page leads somewhere on it, or to the document', () => {
  const targets = Array.from(PAGE.matchAll(/href="([^"]*)"/g), ([, href = '']) => href)
  const missing = targets.filter(
    (href) => href !== '../openapi.json' && !PAGE.includes(`id="${href.slice(1)}"`),
  )
  expect(missing).toEqual([])
})

test.each(OPERATIONS)('the page shows $title with its parameters', ({ method, path, operation }) => {
  const [, article = ''] = PAGE.split(`<article id="${operation.operationId}">`)
  const [shown = ''] = article.split('</article>')
  expect(shown).toContain(`<span class="method ${method}">${method}</span> ${path}</code>`)
  for (const { name } of operation.parameters) {
    expect(shown).toContain(`<td><code>${String(name ?? 'If-Match')}</code></td>`)
  }
})

test('the page shows every schema with all of its fields', () => {
  for (const [name, { properties = {} }] of Object.entries(API.components.schemas)) {
    const [, article = ''] = PAGE.split(`<article id="schema-${name}">`)
    for (const field of Object.keys(properties as object)) {
      expect(article.split('</article>')[0]).toContain(`<code>${field}</code>`)
    }
  }
})

test('what the document says can’t become markup', () => {
  const document = describeApi(allRoutes({} as AdminOptions))
  const info = { ...document.info, title: '<b>&"', description: '`<i>`' }
  const page = renderPage({ ...document, info })
  expect(page).toContain('<h1>&lt;b&gt;&amp;&quot;</h1><p><code>&lt;i&gt;</code></p>')
})
