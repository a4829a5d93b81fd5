import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { allRoutes } from '../../src/admin/all-routes.ts'
import type { AdminOptions } from '../../src/admin/app.ts'
import { TOKEN_FIELDS, UNSUPPORTED_FIELDS } from '../../src/admin/token-fields.ts'
import { READ_ONLY_FIELDS } from '../../src/admin/token-output.ts'
import { MOST_SYNCED } from '../../src/admin/token-sync.ts'
import { TOKENS, useApi } from '../admin/api.ts'

const DOCUMENT = readFileSync(new URL('../../docs/cloudsmith.md', import.meta.url), 'utf8')

/** What the page says of each operation or field: `same`, `differs` or `not offered`. */
function verdicts(name: RegExp): ReadonlyMap<string, string> {
  const rows = DOCUMENT.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  const named = rows.flatMap(([, first = '', verdict = '']) => {
    const text = first.replaceAll('`', '')
    return name.test(text) && /^(?:same|differs|not offered)$/.test(verdict) ? [[text, verdict] as const] : []
  })
  expect(new Set(named.map(([text]) => text)).size).toBe(named.length)
  return new Map(named)
}

const OPERATIONS = verdicts(/^(?:GET|POST|PUT|PATCH|DELETE) \//)
const FIELDS = verdicts(/^[a-z_]+$/)
const api = useApi()

/** Whatever the parameters are called. */
function shapeOf(method: string, path: string): string {
  return `${method} ${path.replace(/\/$/, '').replaceAll(/:\w+|\{\w+\}/g, ':')}`
}

const routes = allRoutes({} as AdminOptions)
const offered = new Set(
  routes.flatMap((route) => {
    if ('open' in route) return [shapeOf('GET', route.path)]
    return 'methods' in route ? Object.keys(route.methods).map((method) => shapeOf(method, route.path)) : []
  }),
)

describe('docs/cloudsmith.md', () => {
  test.each([...OPERATIONS])('says the truth about %s: %s', async (operation, verdict) => {
    const [method = '', path = ''] = operation.split(' ')
    expect(offered.has(shapeOf(method, path))).toBe(verdict !== 'not offered')
    if (verdict !== 'not offered') return
    const asked = path.replace('{owner}', 'acme').replace('{repo}', 'stable').replace('{identifier}', 'x')
    const { status, body } = await api.call(method, asked, method === 'GET' ? undefined : {})
    expect([404, 405]).toContain(status)
    expect(body).toMatchObject({ detail: expect.any(String), code: expect.any(String) })
  })

  test('has a row for every path that answers why it is not offered', () => {
    const named = new Set([...OPERATIONS.keys()].map((operation) => operation.split(' ')[1] ?? ''))
    const shapes = new Set([...named].map((path) => shapeOf('', path)))
    const missing = routes.filter((route) => 'notOffered' in route && !shapes.has(shapeOf('', route.path)))
    expect(missing).toEqual([])
  })

  test('has a row for everything that can be done with tokens at Cloudsmith’s paths', () => {
    const shapes = new Set(
      [...OPERATIONS.keys()].map((key) => shapeOf(...(key.split(' ') as [string, string]))),
    )
    const ours = /\/(?:usage|clients|packages|bulk|export|eula)(?:\/|$)/
    const own = [...offered].filter((shape) => shape.includes(' /entitlements/:/:') && !ours.test(shape))
    expect(own.filter((shape) => !shapes.has(shape))).toEqual([])
  })

  test('names each of Cloudsmith’s fields, and the verdict is that of the program', async () => {
    const token = await api.create()
    expect([...FIELDS.keys()].filter((field) => !Object.hasOwn(token, field))).toEqual([])
    expect(FIELDS.size).toBe(40)
    for (const [field, verdict] of FIELDS) {
      const isKnown = TOKEN_FIELDS.has(field) || READ_ONLY_FIELDS.has(field)
      expect([field, verdict === 'not offered' || isKnown]).toEqual([field, true])
      if (verdict !== 'not offered') continue
      const neutral: readonly unknown[] = [null, false]
      expect([field, neutral.includes(token[field])]).toEqual([field, true])
      const { status } = await api.call('PATCH', `${TOKENS}${token.slug_perm}/`, { [field]: true })
      expect([field, status]).toEqual([field, 422])
    }
    for (const field of UNSUPPORTED_FIELDS.keys()) expect(FIELDS.get(field)).toBe('not offered')
  })

  test('names the most tokens that a sync takes', () => {
    expect(DOCUMENT).toContain(`no more than ${MOST_SYNCED.toLocaleString('en')} tokens`)
  })
})
