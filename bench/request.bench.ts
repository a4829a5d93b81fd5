import { test } from 'vitest'
import { createClientAddress } from '../src/request/client-address.ts'
import { readCredential } from '../src/request/credential.ts'
import { FORMAT_RULES } from '../src/request/formats/formats.ts'
import { parseTarget, type Target, type TargetRules } from '../src/request/target.ts'

/** The steps of a request that touch nothing but its own bytes. Each has to cost microseconds at most. */

const RULES: TargetRules = {
  hosts: new Map([['dl.acme.test', 'acme']]),
  hasScopedNames: (_, repo) => repo === 'npm',
}
const PLAIN = '/ptkExample01/acme/deb/pool/main/f/foo/libfoo-demo_1.5-1_amd64.deb'
const ESCAPED = '/ptkExample01/acme/deb/pool/main/g/g%2b%2b/g%2b%2b_1.5%7erc1-1_amd64.deb'
const SCOPED = '/basic/acme/npm/@acme%2fwidget/-/widget-1.1.0.tgz'
const TRAVERSAL = '/basic/acme/npm/a/%2e%2e/b'
const HEADERS = ['Host', 'gate.test', 'User-Agent', 'npm/11', 'Accept', '*/*', 'Connection', 'keep-alive']
const BASIC = ['Authorization', `Basic ${btoa('token:ptkExample01')}`]

function read(raw: string): Target {
  const target = parseTarget(raw, 'gate.test', RULES)
  if ('ok' in target) throw new Error(`${raw} is refused`)
  return target
}

test('reading a target', async ({ bench }) => {
  await bench.compare(
    bench('plain', () => void parseTarget(PLAIN, 'gate.test', RULES)),
    bench('with escapes', () => void parseTarget(ESCAPED, 'gate.test', RULES)),
    bench('with a scoped name', () => void parseTarget(SCOPED, 'gate.test', RULES)),
    bench('refused', () => void parseTarget(TRAVERSAL, 'gate.test', RULES)),
    bench('new URL, for comparison', () => void new URL(PLAIN, 'http://gate.test')),
  )
})

test('reading a credential', async ({ bench }) => {
  const [inPath, inHeader] = [read(PLAIN), read(SCOPED)]
  await bench.compare(
    bench('in the path', () => void readCredential(inPath, HEADERS)),
    bench('Bearer', () =>
      void readCredential(inHeader, [...HEADERS, 'Authorization', 'Bearer ptkExample01'])),
    bench('Basic', () => void readCredential(inHeader, [...HEADERS, ...BASIC])),
  )
})

test('reading the address of a client', async ({ bench }) => {
  const address = createClientAddress(['127.0.0.1/32', '10.0.0.0/8'])
  await bench.compare(
    bench('of a peer', () => void address('203.0.113.7', undefined)),
    bench('of a peer in IPv6', () => void address('2001:db8:1:2:3:4:5:6', undefined)),
    bench('behind two proxies', () => void address('127.0.0.1', '203.0.113.7, 10.0.0.2')),
  )
})

test('recognizing a file', async ({ bench }) => {
  const { deb, rpm, npm, raw } = FORMAT_RULES
  await bench.compare(
    bench('deb package', () => void deb.recognize('pool/main/f/foo/libfoo-demo_1.5-1_amd64.deb')),
    bench('deb index', () => void deb.recognize('dists/stable/main/binary-amd64/Packages.xz')),
    bench('rpm package', () => void rpm.recognize('Packages/h/hello-2.10-1.fc39.x86_64.rpm')),
    bench('npm tarball', () => void npm.recognize('@acme/widget/-/widget-1.1.0.tgz')),
    bench('npm document', () => void npm.recognize('@acme/widget')),
    bench('raw file', () => void raw.recognize('tools/1.2.0/tool-linux-amd64.tar.gz')),
  )
})
