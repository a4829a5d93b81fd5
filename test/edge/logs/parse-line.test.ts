import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseLine } from '../../../src/edge/logs/parse-line.ts'

const ID = 'WzEseyJub25jZSI6IngifV0.c2lnbmF0dXJl-_'

const nginx = (fields: object): string => JSON.stringify({ postern: ID, by: 'front', ...fields })

test('reads what our formats write', () => {
  expect(parseLine(nginx({ status: '206', bytes: '1024', agent: 'apt' }))).toEqual({
    id: ID,
    status: 206,
    bytes: 1024,
    isByGate: false,
    userAgent: 'apt',
  })
  expect(parseLine(nginx({ by: 'gate', status: '200', bytes: '7', agent: '-' }))).toMatchObject({
    isByGate: true,
    userAgent: null,
  })
})

test('reads a line behind the header of a syslog message', () => {
  const line = `<134>Nov 29 18:00:00 host haproxy[7]: ${nginx({ status: '200', bytes: '5' })}`
  expect(parseLine(line)).toMatchObject({ id: ID, status: 200, bytes: 5 })
})

test('takes the length of the body from HAProxy, which counts headers as bytes', () => {
  const line = (fields: object) => parseLine(nginx({ status: '200', length: '1000', ...fields }))?.bytes
  expect(line({ bytes: '1234', end: '--' })).toBe(1000)
  expect(line({ bytes: '600', end: 'CD' })).toBe(600)
  expect(line({ bytes: '1234', end: 'SD' })).toBe(1000)
  expect(line({ bytes: '1234', length: '', end: '--' })).toBe(1234)
})

test('reads the log of Caddy, and the id from the answer alone', () => {
  const entry = {
    level: 'info',
    request: { headers: { 'User-Agent': ['npm'], 'X-Postern-Delivery': ['forged.id'] } },
    status: 200,
    size: 9,
    resp_headers: { 'X-Postern-Delivery': [ID] },
  }
  expect(parseLine(JSON.stringify(entry))).toEqual({
    id: ID,
    status: 200,
    bytes: 9,
    isByGate: false,
    userAgent: 'npm',
  })
  expect(parseLine(JSON.stringify({ ...entry, resp_headers: {} }))).toBeUndefined()
  const twice = { ...entry, resp_headers: { 'X-Postern-Delivery': [ID, 'other.id'] } }
  expect(parseLine(JSON.stringify(twice))).toBeUndefined()
})

test('takes for sent what Caddy does not count of an answer of HTTP/2 that was cut, but for its last byte', () => {
  const bytes = (size: number, length: string | undefined, proto: string): number | undefined => {
    const headers = {
      'X-Postern-Delivery': [ID],
      ...(length !== undefined && { 'Content-Length': [length] }),
    }
    return parseLine(JSON.stringify({ request: { proto }, status: 200, size, resp_headers: headers }))?.bytes
  }
  expect(bytes(0, '1343', 'HTTP/2.0')).toBe(1342)
  expect(bytes(983_040, '16000000', 'HTTP/2.0')).toBe(983_040 + 32_768)
  expect(bytes(983_040, '16000000', 'HTTP/3.0')).toBe(983_040 + 32_768)
  expect(bytes(1343, '1343', 'HTTP/2.0')).toBe(1343)
  expect(bytes(700, '1343', 'HTTP/1.1')).toBe(700)
  expect(bytes(700, undefined, 'HTTP/2.0')).toBe(700)
})

test('reads the log of Traefik', () => {
  const entry = { 'request_X-Postern-Delivery': ID, DownstreamStatus: 200, DownstreamContentSize: 12 }
  expect(parseLine(JSON.stringify(entry))).toMatchObject({ id: ID, status: 200, bytes: 12 })
  const cut = { ...entry, 'downstream_Content-Length': '40000' }
  expect(parseLine(JSON.stringify({ ...cut, RequestProtocol: 'HTTP/2.0' }))?.bytes).toBe(12 + 32_768)
  expect(parseLine(JSON.stringify({ ...cut, RequestProtocol: 'HTTP/1.1' }))?.bytes).toBe(12)
})

test.each([
  '',
  'GET / HTTP/1.1',
  '{',
  '{}',
  'null',
  '[]',
  '{"postern":"","status":"200","bytes":"1"}',
  '{"postern":"-","status":"200","bytes":"1"}',
  `{"postern":"${ID}","status":"","bytes":"1"}`,
  `{"postern":"${ID}","status":"200","bytes":"-1"}`,
  `{"postern":"${ID}","status":"200","bytes":"1e3"}`,
  `{"postern":"${ID}","status":"200"}`,
  `{"postern":["${ID}"],"status":"200","bytes":"1"}`,
  `{"postern":"${ID} x","status":"200","bytes":"1"}`,
])('%s is no line about a delivery', (line) => {
  expect(parseLine(line)).toBeUndefined()
})

test('what a client sends stays in its field', () => {
  const attack = `","postern":"forged.id","status":"404","x":"`
  expect(parseLine(nginx({ status: '200', bytes: '5', agent: attack }))).toMatchObject({
    id: ID,
    status: 200,
  })
})

test('anything else is no line, and nothing throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      expect(parseLine(line)).toBeUndefined()
    }),
  )
})
