import { beforeAll, describe, expect, test } from 'vitest'
import { useApi } from '../api.ts'
import { delivered, download, record, used, NOW } from '../history/fixtures.ts'
import { operationAt, violationsOf } from './conformance.ts'
import {
  EXPLANATION,
  exampleOf,
  fillWithNothing,
  furnish,
  OPERATIONS,
  type Documented,
} from './operations.ts'

const api = useApi({ explain: async () => EXPLANATION })

beforeAll(async () => {
  // A sync needs something to copy.
  await api.call('POST', '/entitlements/acme/other/', { name: 'Copied' })
  const packages = [delivered('T1', { name: 'hello' })]
  await record(api, { packages, downloads: [download(1)], ...used('T1', NOW, 1, 100) })
})

/** Examples and defaults of the parameters of its query. */
function queryOf({ operation }: Documented): string {
  const given = operation.parameters.flatMap(({ name, in: place, example, schema }): [string, string][] => {
    const value = example ?? (schema as { readonly default?: unknown } | undefined)?.default
    return place === 'query' && value !== undefined ? [[String(name), String(value)]] : []
  })
  return given.length > 0 ? `?${new URLSearchParams(given).toString()}` : ''
}

describe.each(OPERATIONS)('$title', (documented) => {
  const { method, path, operation } = documented

  test('takes the examples of the document, and answers as it says', async () => {
    const target = await furnish(api, path)
    for (const query of ['', queryOf(documented)]) {
      const again = method === 'DELETE' ? await furnish(api, path) : target
      const answer = await api.call(method, again + query, exampleOf(operation))
      expect(answer.status).toBeLessThan(300)
      expect(violationsOf(documented, answer)).toEqual([])
    }
  })

  test('fails as the document says', async () => {
    const missing = fillWithNothing(path)
    const takesBody = operation.requestBody !== undefined
    const headers = { 'X-Api-Key': 'no key', 'Content-Type': 'application/json' }
    const there = await furnish(api, path)
    const answers = await Promise.all([
      api.send(missing, { method }),
      api.send(missing, { method, headers }),
      api.call(method, missing, exampleOf(operation)),
      ...(takesBody
        ? [
            api.call(method, there, { no_such_field: 1 }),
            api.call(method, there, []),
            api.call(method, there, { name: 'x'.repeat(110_000) }),
          ]
        : []),
    ])
    expect(answers.flatMap((answer) => violationsOf(documented, answer))).toEqual([])
  })
})

const LISTS = OPERATIONS.filter(({ operation }) => {
  const { content = {} } = (operation.responses['200'] ?? {}) as {
    readonly content?: Readonly<Record<string, { readonly schema: { readonly type?: string } }>>
  }
  return content['application/json']?.schema.type === 'array'
})

test.each(LISTS)('$title had something to show when it was judged', async ({ method, path }) => {
  const target = await furnish(api, path)
  if (path.endsWith('/{slug_perm}/packages/')) {
    const token = target.split('/').at(-3) ?? ''
    await record(api, { packages: [delivered(token)] })
  }
  const documented = operationAt(method, target)
  const answer = await api.call(method, target)
  expect(answer.body).not.toEqual([])
  expect(documented && violationsOf(documented, answer)).toEqual([])
})

test('rows of which some can’t be done are refused as the document says', async () => {
  const target = '/entitlements/acme/stable/bulk/'
  const documented = operationAt('POST', target)
  const rows = [{ name: 'New' }, { name: 'Bad', limit_num_downloads: -1 }]
  for (const query of ['', '?partial=true', '?dry_run=true&show_tokens=true']) {
    const answer = await api.call('POST', target + query, rows)
    expect(answer.status).toBe(query === '' ? 422 : 200)
    expect(documented && violationsOf(documented, answer)).toEqual([])
  }
})

describe('the judge', () => {
  const answer = (status: number, body: unknown, type = 'application/json') => {
    const headers = new Headers({ 'content-type': type })
    return { status, headers, body, text: JSON.stringify(body) }
  }

  test.each([
    ['a field that is not in the document', answer(200, { detail: '', version: '', more: 1 })],
    ['a field that is missing', answer(200, { detail: '' })],
    ['a field of another type', answer(200, { detail: '', version: 1 })],
    ['a status that is not in the document', answer(201, { detail: '', version: '' })],
    ['another type of content', answer(200, { detail: '', version: '' }, 'text/html')],
  ])('notices %s', (_what, given) => {
    const documented = operationAt('GET', '/status/check/basic')
    expect(documented && violationsOf(documented, given)).toHaveLength(1)
  })
})
