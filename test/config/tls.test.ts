import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatListen, parseListen } from '../../src/config/listen.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { createPlaces } from '../../src/config/places.ts'
import { makeCertificate, type CertificatePair } from '../support/certificates.ts'
import { runOrFail, temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'

let folder: TemporaryDirectory
let one: CertificatePair
let two: CertificatePair

beforeAll(async () => {
  folder = await temporaryDirectory('tls-config')
  one = makeCertificate(folder.path, 'one', ['one.test'])
  two = makeCertificate(folder.path, 'two', ['two.test'])
})
afterAll(async () => folder?.remove())

const REPOSITORY = { 'acme/js': { format: 'npm', upstream: 'http://127.0.0.1:9000/' } }

/** The mistakes of a file, or what it says. */
function read(given: object) {
  const source = JSON.stringify({ repositories: REPOSITORY, ...given })
  const parsed = parseConfig(source, createPlaces(join(folder.path, 'postern.yaml')), {})
  return parsed.ok ? parsed.config : parsed.mistakes.map(({ path, message }) => `${path}: ${message}`)
}

describe('certificates', () => {
  test('are found beside the file, and what is silent is the default', () => {
    const tls = { certificates: [{ cert: 'one.pem', key: 'one.key' }] }
    expect(read({ tls, admin: { tls } })).toMatchObject({
      tls: { certificates: [one], minVersion: '1.2', http2: true },
      admin: { tls: { certificates: [one], minVersion: '1.2', http2: false } },
      publicUrl: 'https://127.0.0.1:8080',
    })
  })

  test('may need TLS 1.3, written with quotes or without', () => {
    for (const min_version of ['1.3', 1.3])
      expect(read({ tls: { certificates: [one], min_version } })).toMatchObject({
        tls: { minVersion: '1.3' },
      })
  })

  test('that can not be used are mistakes, all of them, and no key is shown', async () => {
    const encrypted = join(folder.path, 'encrypted.key')
    await runOrFail('openssl', [
      'pkey',
      '-in',
      one.key,
      '-aes256',
      '-passout',
      'pass:hunter2',
      '-out',
      encrypted,
    ])
    const empty = join(folder.path, 'empty.pem')
    writeFileSync(empty, '')
    const certificates = [
      { cert: one.cert, key: two.key },
      { cert: '/nowhere.pem', key: one.key },
      { cert: one.key, key: one.key },
      { cert: one.cert, key: encrypted },
      { cert: empty, key: one.key },
      { cert: one.cert, key: folder.path },
    ]
    expect(read({ tls: { certificates } })).toEqual([
      `tls.certificates[0]: can't be used: ${two.key} holds no key in PEM that belongs to the certificate in ${one.cert}`,
      "tls.certificates[1]: can't be used: /nowhere.pem can't be read: there is no such file",
      `tls.certificates[2]: can't be used: ${one.key} holds no certificate in PEM`,
      `tls.certificates[3]: can't be used: ${encrypted} is encrypted; store the key without a passphrase, readable by this user only`,
      `tls.certificates[4]: can't be used: ${empty} holds no certificate in PEM`,
      `tls.certificates[5]: can't be used: ${folder.path} can't be read: EISDIR`,
    ])
  })

  test.each<[object, string]>([
    [{ certificates: [] }, 'tls.certificates: is empty; TLS needs a certificate'],
    [{}, 'tls.certificates: is missing; it is a list of {cert, key}'],
    [
      { certificates: [{ cert: 'x' }] },
      'tls.certificates[0].key: is missing; it is text like /etc/postern/privkey.pem',
    ],
    [{ certificates: [], min_version: 1.1 }, 'tls.min_version: must be one of 1.2, 1.3, not "1.1"'],
  ])('%j is a mistake', (tls, mistake) => {
    expect(read({ tls })).toContainEqual(expect.stringContaining(mistake))
  })

  test('must not lie in a folder that is served', () => {
    copyFileSync(one.key, join(folder.path, 'served.key'))
    const repositories = { 'acme/files': { format: 'raw', upstream: `file:${folder.path}` } }
    expect(read({ repositories, tls: { certificates: [one] } })).toContainEqual(
      expect.stringMatching(/^repositories\.acme\/files\.upstream: is a folder that holds/),
    )
  })
})

describe('where connections are listened for', () => {
  test.each([
    ['unix:/run/x.sock', { path: '/run/x.sock', mode: 0o660 }],
    ['unix:/run/x.sock?mode=0600', { path: '/run/x.sock', mode: 0o600 }],
    ['systemd', { inherited: '' }],
    ['systemd:customers', { inherited: 'customers' }],
  ])('%s', (text, listen) => {
    expect(parseListen(text)).toEqual({ ok: true, value: listen })
    expect(text.startsWith(formatListen(listen))).toBe(true)
  })

  test.each([
    'unix:',
    'unix:/run/',
    'unix:/x?mode=999',
    'unix:/x?moed=600',
    `unix:/${'x'.repeat(110)}`,
    'systemd:',
    'systemd:a/b',
  ])('%s is a mistake', (text) => {
    expect(parseListen(text).ok).toBe(false)
  })

  test('a path is relative to the file', () => {
    expect(read({ listen: 'unix:run/x.sock' })).toMatchObject({
      listen: { path: join(folder.path, 'run/x.sock') },
      publicUrl: 'http://localhost',
    })
  })

  test('one path is served by one process', () => {
    expect(read({ listen: 'unix:x.sock', workers: 2 })).toEqual([
      'workers: can only be 1 with a Unix socket; for more, have systemd listen there (listen: systemd)',
    ])
    expect(read({ listen: 'unix:x.sock', admin: { listen: 'unix:x.sock' } })).toEqual([
      'admin.listen: is the address of listen; choose another port',
    ])
  })

  test('PROXY headers are believed of somebody', () => {
    expect(read({ proxy_protocol: true })).toEqual([
      'proxy_protocol: needs trusted_proxies, whose PROXY headers are believed; list them',
    ])
    expect(read({ proxy_protocol: true, trusted_proxies: ['10.0.0.1'] })).toMatchObject({
      proxyProtocol: true,
    })
  })
})
