import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { explainTarget, maskSecret, takeSecretOut } from '../../../src/console/words/explain-target.ts'
import { refusingField, stepTitle } from '../../../src/console/words/explanation.ts'

const PLACES = ['acme/files', 'acme/js']
const SECRET = 'ptkAbCdEfGhIjKlMnOpQrStUvWxYz012345'
const take = (address: string, secret = '') => takeSecretOut({ address, secret }, PLACES)

test.each([
  [`/${SECRET}/acme/files/a.txt`, '/acme/files/a.txt'],
  [`${SECRET}/acme/files/a.txt`, '/acme/files/a.txt'],
  [` https://dl.example.com/${SECRET}/acme/js/@acme%2fx `, 'https://dl.example.com/acme/js/@acme%2fx'],
  [`https://dl.example.com/t/${SECRET}/acme/files/a`, 'https://dl.example.com/acme/files/a'],
  [`https://token:${SECRET}@dl.example.com/basic/acme/files/a`, 'https://dl.example.com/basic/acme/files/a'],
  [`https://${SECRET}@dl.example.com/basic/acme/files/a`, 'https://dl.example.com/basic/acme/files/a'],
  [`https://dl.example.com/${SECRET}/other/repo/a`, 'https://dl.example.com/other/repo/a'],
])('the secret is taken out of %s', (address, without) => {
  expect(take(address)).toEqual({ address: without, secret: SECRET })
})

test.each(['acme/files/a/b/c', '/public/acme/files/a', '/basic/acme/files/a', 'nonsense', ''])(
  'there is none in %j',
  (address) => {
    expect(take(address, ` ${SECRET} `)).toEqual({ address, secret: SECRET })
  },
)

test('a secret that was typed beside an unknown repository is not looked for in the path', () => {
  expect(take('other/repo/x/y', SECRET)).toEqual({ address: 'other/repo/x/y', secret: SECRET })
})

test.each([
  ['acme/files/a b.txt', SECRET, { target: `/${SECRET}/acme/files/a%20b.txt` }],
  ['https://h/acme/files/a?x=1#y', SECRET, { host: 'h', target: `/${SECRET}/acme/files/a?x=1` }],
  ['/public/acme/files/a', SECRET, { target: '/public/acme/files/a' }],
  ['/acme/files/a', '', { target: '/acme/files/a' }],
  ['/basic/acme/files/a', 'gü', { target: '/basic/acme/files/a', authorization: 'Basic dG9rZW46Z8O8' }],
  [
    'https://h/v2/acme/files/a',
    'x',
    { host: 'h', target: '/v2/acme/files/a', authorization: 'Basic dG9rZW46eA==' },
  ],
])('%s with %j is the request %j', (address, secret, target) => {
  expect(explainTarget({ address, secret })).toEqual(target)
})

test('whatever is pasted gives a path that begins with a slash, or names a host', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (address, secret) => {
      const { target } = explainTarget(takeSecretOut({ address, secret }, PLACES))
      expect(target).toMatch(/^\/|^$/)
    }),
  )
})

test('of a secret its beginning is shown; what is too short to be one stays', () => {
  expect(maskSecret(`/${SECRET}/acme/${SECRET}`, SECRET)).toBe('/ptkAbC…/acme/ptkAbC…')
  expect(maskSecret('a path', 'a')).toBe('a path')
})

test('a refusal leads to the field that makes it, if one does', () => {
  expect(refusingField('downloads_used_up')?.field).toBe('limit_num_downloads')
  expect(refusingField('not_found')).toBeUndefined()
  expect(refusingField('toString')).toBeUndefined()
  expect(refusingField(undefined)).toBeUndefined()
  expect(stepTitle('of-tomorrow')).toBe('of-tomorrow')
})
