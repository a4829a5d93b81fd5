import { describe, expect, test } from 'vitest'
import { readCredential } from '../../src/request/credential.ts'
import { accept } from './read.ts'

const SECRET = 'ptkExample01'
const BASIC = accept('/basic/acme/deb/x')
const IN_PATH = accept('/ptkInPath001/acme/deb/x')
const PUBLIC = accept('/public/acme/deb/x')

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** The secret, or the code of the refusal. */
function read(...rawHeaders: string[]): string | undefined {
  const secret = readCredential(BASIC, rawHeaders)
  return typeof secret === 'object' ? secret.code : secret
}

describe('a secret is read from', () => {
  test.each([
    ['token and the secret as password', basic(`token:${SECRET}`)],
    ['any user and the secret as password', basic(`somebody:${SECRET}`)],
    ['no user and the secret as password', basic(`:${SECRET}`)],
    ['the secret as user, an empty password', basic(`${SECRET}:`)],
    ['Basic in capitals', basic(`token:${SECRET}`).replace('Basic', 'BASIC')],
    ['Basic without padding', basic(`token:${SECRET}`).replaceAll('=', '')],
    ['Basic after several spaces', basic(`token:${SECRET}`).replace(' ', '   ')],
    ['Bearer', `Bearer ${SECRET}`],
    ['bearer', `bearer ${SECRET}`],
    ['Bearer after several spaces', `Bearer   ${SECRET}`],
    ['Token', `Token ${SECRET}`],
    ['nothing before it', SECRET],
    ['spaces around it', `  ${SECRET}  `],
  ])('Authorization: %s', (_, value) => {
    expect(read('Authorization', value)).toBe(SECRET)
  })

  test.each(['Authorization', 'authorization', 'AUTHORIZATION'])('a header called %s', (name) => {
    expect(read('Host', 'gate.test', name, `Bearer ${SECRET}`)).toBe(SECRET)
  })

  test.each(['X-Api-Key', 'x-api-key'])('%s', (name) => {
    expect(read(name, ` ${SECRET} `)).toBe(SECRET)
  })

  test.each([
    '',
    'Bearer',
    'Bearer QQ==',
    'Basic',
    basic('token:'),
    basic(':'),
    'Basic %%%',
    'Negotiate YII=',
    'Digest a="b"',
  ])('X-Api-Key when Authorization is %j, which holds none', (value) => {
    expect(read('Authorization', value, 'X-Api-Key', SECRET)).toBe(SECRET)
  })

  test('Authorization and no other when X-Api-Key has one too', () => {
    expect(read('X-Api-Key', 'ptkOther0001', 'Authorization', `Bearer ${SECRET}`)).toBe(SECRET)
  })

  test('a password that holds colons, as a whole', () => {
    expect(read('Authorization', basic('token:a:b:c'))).toBe('a:b:c')
  })
})

describe('a credential is missing when', () => {
  test.each([
    ['no header came', []],
    ['the headers are empty', ['Authorization', '', 'X-Api-Key', '  ']],
    ['Homebrew says that it has none', ['Authorization', 'Bearer QQ==']],
    ['a scheme stands alone', ['Authorization', 'Bearer']],
    ['the password is empty', ['Authorization', basic('token:')]],
    ['user and password are empty', ['Authorization', basic(':')]],
    ['Basic has no colon', ['Authorization', basic(SECRET)]],
    ['Basic is no base64', ['Authorization', 'Basic ***']],
    ['Basic has two values', ['Authorization', `${basic('a:b')}, ${basic('c:d')}`]],
    ['the scheme is another one', ['Authorization', 'Digest username="token"']],
    ['it stands in Proxy-Authorization', ['Proxy-Authorization', `Bearer ${SECRET}`]],
    ['it stands in a cookie', ['Cookie', `token=${SECRET}`]],
    ['the name of the header only looks alike', ['Authorization2', SECRET, 'X_Api_Key', SECRET]],
    ['a list of headers ends in a name', ['Authorization']],
  ])('%s', (_, rawHeaders) => {
    expect(read(...rawHeaders)).toBe('credential_missing')
  })
})

describe('the entrance decides', () => {
  const stray = ['Authorization', basic('stray:from-netrc')]

  test('a secret in the path wins over every header', () => {
    expect(readCredential(IN_PATH, [...stray, 'X-Api-Key', SECRET])).toBe('ptkInPath001')
  })

  test('a header is no credential at the public entrance', () => {
    expect(readCredential(PUBLIC, stray)).toBeUndefined()
  })
})
