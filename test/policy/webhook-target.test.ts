import { describe, expect, test } from 'vitest'
import { createTargetRules } from '../../src/policy/webhook-target.ts'

const strict = createTargetRules({ allowsHttp: false, networks: [] })
const open = createTargetRules({ allowsHttp: true, networks: ['10.20.0.0/16', 'fd00::/8'] })

describe('an address', () => {
  test.each(['93.184.216.34', '8.8.8.8', '2606:4700::1111', '2001:4860:4860::8888', '::ffff:8.8.8.8'])(
    '%s is public',
    (address) => {
      expect(strict.allowsAddress(address)).toBe(true)
    },
  )

  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::7f00:1',
    '64:ff9b::a00:1',
    '2001::1',
    '2001:db8::1',
    '2002:a00:1::',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
    '',
    '127.1',
    '0177.0.0.1',
    'localhost',
  ])('%s is not', (address) => {
    expect(strict.allowsAddress(address)).toBe(false)
  })

  test('of a network that is allowed is allowed, its neighbour is not', () => {
    expect(open.allowsAddress('10.20.255.1')).toBe(true)
    expect(open.allowsAddress('fd00::1')).toBe(true)
    expect(open.allowsAddress('10.21.0.1')).toBe(false)
    expect(open.allowsAddress('127.0.0.1')).toBe(false)
  })
})

describe('a URL', () => {
  test.each([
    'https://example.com',
    'https://example.com:8443/a?b=c',
    'https://93.184.216.34/',
    'HTTPS://EXAMPLE.COM/',
  ])('%s can be a target', (url) => {
    expect(strict.judgeUrl(url)).toBeUndefined()
  })

  test.each([
    ['http://example.com/', /https/],
    ['ftp://example.com/', /https/],
    ['file:///etc/passwd', /https/],
    ['javascript:alert(1)', /https/],
    ['//example.com/', /URL/],
    ['example.com', /URL/],
    ['', /URL/],
    ['https://', /URL/],
    ['https://user:password@example.com/', /credentials/],
    ['https://user@example.com/', /credentials/],
    ['https://example.com/#x', /fragment/],
    ['https://exa mple.com/', /URL/],
    ['https://example.com/\n', /URL/],
    [`https://example.com/${'a'.repeat(2_048)}`, /URL/],
    ['https://127.0.0.1/', /public/],
    ['https://127.1/', /public/],
    ['https://2130706433/', /public/],
    ['https://0x7f.1/', /public/],
    ['https://017700000001/', /public/],
    ['https://[::1]/', /public/],
    ['https://[::ffff:169.254.169.254]/', /public/],
    ['https://169.254.169.254/latest/meta-data/', /public/],
  ])('%s can not', (url, why) => {
    expect(strict.judgeUrl(url)).toMatch(why)
  })

  test('may be http, or lead to a network, where that is allowed', () => {
    expect(open.judgeUrl('http://10.20.1.1/')).toBeUndefined()
    expect(open.judgeUrl('http://10.30.1.1/')).toMatch(/public/)
    expect(open.judgeUrl('ftp://example.com/')).toMatch(/https:\/\/ or http:\/\//)
  })
})
