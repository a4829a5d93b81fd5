import { describe, expect, test } from 'vitest'
import { allRoutes } from '../../../src/admin/all-routes.ts'
import type { AdminOptions } from '../../../src/admin/app.ts'
import { describeApi } from '../../../src/admin/openapi/document.ts'
import { API } from '../../docs/openapi-document.ts'
import { useApi } from '../api.ts'

const api = useApi()
const routes = allRoutes({} as AdminOptions)
const operations = Object.values(API.paths).flatMap((path) => Object.values(path))

describe('the document', () => {
  test.each(['/openapi.json', '/v1/openapi.json', '/swagger/?format=openapi', '/v1/swagger/?format=openapi'])(
    'is served at %s without a key',
    async (path) => {
      const { status, headers, body } = await api.send(path)
      expect(status).toBe(200)
      expect(headers.get('content-type')).toBe('application/json')
      expect(body).toEqual(API)
    },
  )

  test('has every operation of the routes and no other', () => {
    const ofRoutes = routes.flatMap((route) => {
      if ('notOffered' in route) return []
      const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
      return 'open' in route
        ? [`get ${path}`]
        : Object.keys(route.methods).map((method) => `${method.toLowerCase()} ${path}/`)
    })
    const described = Object.entries(API.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    expect(described.toSorted()).toEqual(ofRoutes.toSorted())
  })

  test('calls no two operations the same', () => {
    const ids = operations.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('has all that its references name', () => {
    const parts = JSON.stringify(API).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)
    const missing = Array.from(parts, ([, kind = '', name = '']) => [kind, name] as const).filter(
      ([kind, name]) => !Object.hasOwn(Object(API.components[kind]), name),
    )
    expect(missing).toEqual([])
  })

  test('has no schema that nothing refers to', () => {
    const text = JSON.stringify(API)
    const unused = Object.keys(API.components.schemas).filter(
      (name) => !text.includes(`"#/components/schemas/${name}"`),
    )
    expect(unused).toEqual([])
  })

  test('names the address of the API where one is configured', () => {
    const { servers } = describeApi(routes, 'https://postern.example.com/api')
    expect(servers.map(({ url }) => url)).toEqual([
      'https://postern.example.com/api',
      'https://postern.example.com/api/v1',
    ])
  })
})

test('a route without a description is a mistake that names it', () => {
  const route = { path: '/new/:owner', open: () => ({ status: 200, headers: {}, body: '' }) }
  expect(() => describeApi([...routes, route])).toThrow('GET /new/:owner has no description')
})

test('a description without a route is a mistake that names it', () => {
  expect(() => describeApi(routes.slice(1))).toThrow('No route is described by healthz')
})
