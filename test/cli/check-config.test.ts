import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'
import { run } from './run.ts'

let folder: TemporaryDirectory
beforeAll(async () => {
  folder = await temporaryDirectory('check')
  mkdirSync(join(folder.path, 'files'))
  writeFileSync(
    join(folder.path, 'good.yaml'),
    `
listen: :8080
public_url: https://packages.example.com
store: sqlite:data/postern.db?synchronous=full
trusted_proxies: [10.0.0.0/8, 192.0.2.1]
hosts: { apt.example.com: acme/stable }
repositories:
  acme/stable: { format: deb, upstream: https://storage.example.com/debian/ }
  acme/files: { format: raw, upstream: file:files/, public: true }
`,
  )
  writeFileSync(
    join(folder.path, 'bad.yaml'),
    'listen: 8080\npublicurl: x\nrepositories: { acme/x: { format: yum, upstream: file:files/ } }\n',
  )
})
afterAll(() => folder.remove())

const at = (name: string): string => join(folder.path, name)

test('a good file is summed up', async () => {
  const { code, stdout, stderr } = await run(['check-config', at('good.yaml')], { columns: 120 })
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.replaceAll(folder.path, '/etc/postern')).toBe(`/etc/postern/good.yaml is fine.

  customers   :8080, known to them as https://packages.example.com
  management  127.0.0.1:8081
  store       sqlite /etc/postern/data/postern.db (synchronous=full)
  hosts       apt.example.com for acme/stable
  proxies     10.0.0.0/8
              192.0.2.1

REPOSITORY   FORMAT  ACCESS  STORAGE
acme/stable  deb     token   https://storage.example.com/debian/
acme/files   raw     public  /etc/postern/files
`)
})

test('a bad file ends with 1 and all its mistakes', async () => {
  const { code, stdout, stderr } = await run(['check-config', at('bad.yaml')])
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr.replaceAll(`${folder.path}/`, '')).toBe(
    [
      'bad.yaml:1:9  listen: must be text like 127.0.0.1:8080, not a number',
      'bad.yaml:2:1  publicurl: is unknown here; did you mean public_url?',
      'bad.yaml:3:35  repositories.acme/x.format: must be one of deb, rpm, npm, raw, python, maven, go, alpine, docker, ruby, composer, helm, cargo, nuget, conda, terraform, arch, cran, luarocks, hex, dart, swift, vagrant, conan, huggingface, not "yum" (did you mean rpm?)',
      '3 mistakes in bad.yaml',
      '',
    ].join('\n'),
  )
})

test('--json tells the same to programs', async () => {
  const good = await run(['check-config', at('good.yaml'), '--json'])
  expect(JSON.parse(good.stdout)).toEqual({
    ok: true,
    file: at('good.yaml'),
    listen: ':8080',
    public_url: 'https://packages.example.com',
    admin: { listen: '127.0.0.1:8081' },
    store: { kind: 'sqlite', file: at('data/postern.db'), synchronous: 'full' },
    trusted_proxies: ['10.0.0.0/8', '192.0.2.1'],
    hosts: { 'apt.example.com': 'acme/stable' },
    repositories: {
      'acme/stable': { format: 'deb', public: false, upstream: 'https://storage.example.com/debian/' },
      'acme/files': { format: 'raw', public: true, upstream: at('files') },
    },
  })
  const bad = await run(['check-config', at('bad.yaml'), '--json'])
  expect([bad.code, bad.stderr]).toEqual([1, ''])
  expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, mistakes: [{ path: 'listen', line: 1 }, {}, {}] })
})

test.each([
  ['POSTERN_CONFIG', { environment: { POSTERN_CONFIG: 'a.yaml' }, files: ['postern.yaml'] }, 'a.yaml'],
  ['postern.yaml', { files: ['postern.yaml', 'config/postern.yaml'] }, 'postern.yaml'],
  ['config/postern.yaml', { files: ['config/postern.yaml'] }, 'config/postern.yaml'],
  ['postern.yaml, which is then missed,', {}, 'postern.yaml'],
])('without a name it is %s', async (_, options, expected) => {
  const { served, code } = await run(['serve'], options)
  expect(served).toEqual([{ config: expected, demo: false }])
  expect(code).toBe(7)
})

test('serve takes a file and --demo', async () => {
  const { served } = await run(['serve', '--config', 'x.yaml', '--demo'])
  expect(served).toEqual([{ config: 'x.yaml', demo: true }])
})
