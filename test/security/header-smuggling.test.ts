import { describe, expect, test } from 'vitest'
import { readCredential } from '../../src/request/credential.ts'
import { accept } from '../request/read.ts'

const MINE = 'Bearer ptkMine00001'
const YOURS = 'Bearer ptkYours0001'
const ENTRANCES = ['/ptkExample01', '/basic', '/public']

/** What each entrance makes of the headers: the secret, or the code of the refusal. */
function readAll(...rawHeaders: string[]): (string | undefined)[] {
  const secrets = ENTRANCES.map((entrance) => readCredential(accept(`${entrance}/acme/deb/x`), rawHeaders))
  return secrets.map((secret) => (typeof secret === 'object' ? secret.code : secret))
}

describe('two credentials are refused at every entrance', () => {
  test.each([
    ['two Authorization lines', ['Authorization', MINE, 'Authorization', YOURS]],
    ['in different case', ['Authorization', MINE, 'AUTHORIZATION', YOURS]],
    ['apart from each other', ['authorization', MINE, 'Accept', '*/*', 'authorization', YOURS]],
    ['the same twice', ['Authorization', MINE, 'Authorization', MINE]],
    ['the first of them empty', ['Authorization', '', 'Authorization', YOURS]],
    ['the last of them empty', ['Authorization', MINE, 'Authorization', '']],
    ['two X-Api-Key lines', ['X-Api-Key', 'ptkMine00001', 'x-api-key', 'ptkYours0001']],
  ])('%s', (_, rawHeaders) => {
    expect(readAll(...rawHeaders)).toEqual(ENTRANCES.map(() => 'credential_ambiguous'))
  })
})

describe('two credentials in one line are none of them', () => {
  test.each([
    `Basic ${btoa('token:ptkMine00001')}, ${YOURS}`,
    `Basic ${btoa('token:ptkMine00001')} ${btoa('token:ptkYours0001')}`,
    'Digest ptkMine00001',
  ])('%s', (value) => {
    expect(readAll('Authorization', value)[1]).toBe('credential_missing')
  })

  test('a list after Bearer stays one odd secret', () => {
    expect(readAll('Authorization', `${MINE}, ${YOURS}`)[1]).toBe('ptkMine00001, Bearer ptkYours0001')
  })
})

describe('a value of a header is never read as a header', () => {
  test('a name in the place of a value', () => {
    expect(readAll('X-Note', 'Authorization', MINE, 'x')[1]).toBe('credential_missing')
  })

  test.each([
    'Authorization ',
    ' Authorization',
    'Authorization:',
    'Authorization\u0000',
    'X_Api_Key',
    'Authorızation',
  ])('the name %j', (name) => {
    expect(readAll(name, MINE)[1]).toBe('credential_missing')
  })
})

test('a header never changes what a secret in the path may read', () => {
  expect(readAll('Authorization', MINE, 'X-Api-Key', 'ptkYours0001')[0]).toBe('ptkExample01')
})
