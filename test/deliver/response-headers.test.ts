import { expect, test } from 'vitest'
import { passHeaders, single } from '../../src/deliver/response-headers.ts'

test('passes values on in their order, lists as several headers', () => {
  expect(passHeaders({ etag: 'W/"x"', link: ['<a>', '<b>'], vary: 'accept' })).toEqual([
    'etag',
    'W/"x"',
    'link',
    '<a>',
    'link',
    '<b>',
    'vary',
    'accept',
  ])
})

test('drops what belongs to the connection, also what Connection names in any case', () => {
  const headers = {
    connection: ['close, X-Private', ' X-Other '],
    'x-private': '1',
    'x-other': '2',
    'transfer-encoding': 'chunked',
    'keep-alive': 'timeout=5',
    upgrade: 'h2c',
    trailer: 'x',
    etag: '"x"',
  }
  expect(passHeaders(headers)).toEqual(['etag', '"x"'])
})

test('drops cookies, challenges, orders to a front proxy and to browsers', () => {
  const dropped = [
    'set-cookie',
    'www-authenticate',
    'x-accel-redirect',
    'x-sendfile',
    'strict-transport-security',
    'clear-site-data',
    'refresh',
    'server',
  ]
  expect(passHeaders(Object.fromEntries(dropped.map((name) => [name, 'x'])))).toEqual([])
})

test('takes a header that came twice for none where only one may come', () => {
  expect(single({ location: '/a' }, 'location')).toBe('/a')
  expect(single({ location: ['/a', '/b'] }, 'location')).toBeUndefined()
  expect(single({}, 'location')).toBeUndefined()
})

test('drops what only the gate says, to customers and to proxies that settle by it', () => {
  const headers = {
    'x-postern-delivery': 'a.b',
    'x-postern-serve': 'gate',
    'x-postern-downloads-left': '9',
    etag: '"x"',
  }
  expect(passHeaders(headers)).toEqual(['etag', '"x"'])
})
