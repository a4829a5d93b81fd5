import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { downloadsOf, FAR_LIMIT } from '../../clients/entitlements.ts'
import { startGate, type Gate, type GateToken } from '../../support/gate.ts'
import { run, runOrFail, temporaryDirectory, type TemporaryDirectory } from '../../support/processes.ts'
import { startStorage, type Storage } from '../../support/repositories.ts'
import { get, type Answer } from '../../support/requests.ts'
import { createSigningKey } from '../../support/signing-key.ts'

const ANY = { repositories: ['acme/*'] } as const
const RSA_KEY = '-----BEGIN PUBLIC KEY-----\nMFwwDQYJ\n-----END PUBLIC KEY-----\n'

let storage: Storage
let keys: TemporaryDirectory
let gate: Gate
let token: GateToken

beforeAll(async () => {
  storage = await startStorage('deb', 'rpm')
  keys = await temporaryDirectory('keys')
  await prepareStorage(storage.root)
  await prepareKeys(keys.path)
  const deb = `${storage.url}/debian/`
  const repositories = {
    'acme/stable': { format: 'deb', upstream: deb },
    'acme/open': { format: 'deb', upstream: deb, public: true },
    'acme/flat': { format: 'deb', upstream: `${storage.url}/flat/`, setup: { suite: './' } },
    'acme/told': {
      format: 'deb',
      upstream: deb,
      setup: {
        key: `file:${keys.path}/told.gpg`,
        suite: '{distro}-{codename}',
        components: ['main', 'extra'],
      },
    },
    'acme/unkeyed': { format: 'deb', upstream: `${storage.url}/unkeyed/` },
    'acme/private': { format: 'deb', upstream: deb, setup: { key: `file:${keys.path}/private.asc` } },
    'acme/el': { format: 'rpm', upstream: `${storage.url}/rpm/` },
    'acme/els': {
      format: 'rpm',
      upstream: `${storage.url}/`,
      setup: { path: '{distro}', key: 'rpm/key.asc' },
    },
    'acme/plain': { format: 'rpm', upstream: `${storage.url}/rpm/`, setup: { signed_packages: false } },
    'acme/alpine': {
      format: 'alpine',
      upstream: `${storage.url}/alpine/`,
      setup: { key: 'acme-6a6a.rsa.pub' },
    },
    'acme/files': { format: 'raw', upstream: `${storage.url}/files/` },
  } as const
  gate = await startGate({ config: { repositories } })
  token = await gate.createToken('acme/stable', { ...FAR_LIMIT, ...ANY })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
  await keys?.remove()
})

async function prepareStorage(root: string): Promise<void> {
  const files = {
    'alpine/acme-6a6a.rsa.pub': RSA_KEY,
    'alpine/v3.20/main/x86_64/APKINDEX.tar.gz': 'index',
    'debian/dists/debian-trixie/InRelease': 'Suite: debian-trixie\nComponents: other\n',
    'debian/dists/noble/Release': 'Suite: noble\nComponents: main contrib\n',
    'files/setup.deb.sh': '#!/bin/sh\necho mine\n',
    'unkeyed/dists/stable/Release': 'Components: main\n',
  }
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), content)
  }
}

async function prepareKeys(folder: string): Promise<void> {
  await using key = await createSigningKey()
  await key.exportTo(join(folder, 'told.asc'))
  await runOrFail('gpg', [
    '--batch',
    '--dearmor',
    '--output',
    join(folder, 'told.gpg'),
    join(folder, 'told.asc'),
  ])
  await writeFile(join(folder, 'private.asc'), '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nhunter2\n-----END\n')
}

function ask(path: string, options: Parameters<typeof get>[1] = {}): Promise<Answer> {
  return get(`${gate.url}/${token.token}/acme/${path}`, options)
}

async function text(path: string): Promise<string> {
  const { status, body } = await ask(path)
  return `${status} ${body.toString()}`
}

const SCRIPTS = [
  'stable/setup.deb.sh',
  'stable/cfg/setup/bash.deb.sh',
  'el/setup.rpm.sh',
  'el/cfg/setup/bash.rpm.sh',
  'alpine/setup.alpine.sh',
  'alpine/cfg/setup/bash.alpine.sh',
]

describe('a script', () => {
  test.each(SCRIPTS)(
    '%s can be read by any shell, is kept by nobody, and costs no download',
    async (path) => {
      const { status, headers, body } = await ask(path)
      expect([status, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
      expect(headers['cache-control']).toContain('no-store')
      for (const shell of ['dash', 'bash']) {
        expect(await run(shell, ['-n', '-c', body.toString()])).toMatchObject({ code: 0, output: '' })
      }
      expect(await downloadsOf(gate, 'acme/stable', token)).toBe(0)
    },
  )

  test.each(SCRIPTS)('%s is told of by HEAD', async (path) => {
    const [head, whole] = [await ask(path, { method: 'HEAD' }), await ask(path)]
    expect([head.status, head.body.length]).toEqual([200, 0])
    expect(head.headers['content-length']).toBe(String(whole.body.length))
  })

  test('tells of its options', async () => {
    const { body } = await ask('stable/setup.deb.sh')
    const { code, stdout } = await run('sh', ['-c', body.toString(), 'sh', '-h'])
    expect([code, stdout]).toEqual([0, expect.stringContaining('codename=bookworm')])
  })

  test('logs in the way that it was fetched', async () => {
    const path = `${gate.url}/basic/acme/stable/setup.deb.sh`
    const inPath = (await ask('stable/setup.deb.sh')).body.toString()
    expect(inPath).toContain(`base='${gate.url}/${token.token}/acme/stable/'\nlogin=''\n`)
    for (const headers of [{ authorization: `Bearer ${token.token}` }, { 'x-api-key': token.token }]) {
      const asPassword = (await get(path, { headers })).body.toString()
      expect(asPassword).toContain(`base='${gate.url}/basic/acme/stable/'\nlogin='token:${token.token}'\n`)
    }
    const open = (await get(`${gate.url}/public/acme/open/setup.deb.sh`)).body.toString()
    expect(open).toContain(`base='${gate.url}/public/acme/open/'\nlogin=''\n`)
  })

  test('is for every token of the repository, also where its downloads are used up or its packages are few', async () => {
    const { token: secret } = await gate.createToken('acme/stable', {
      limit_packages: ['plain-demo'],
      limit_num_downloads: 0,
    })
    for (const path of ['setup.deb.sh', 'config.deb.txt?codename=noble', 'gpg.key'])
      expect((await get(`${gate.url}/${secret}/acme/stable/${path}`)).status).toBe(200)
  })

  test('counts for bandwidth and rate like any other answer', async () => {
    const few = await gate.createToken('acme/stable', { limit_bandwidth: 100 })
    expect((await get(`${gate.url}/${few.token}/acme/stable/setup.deb.sh`)).reason).toBe('Bandwidth used up')
    const slow = await gate.createToken('acme/stable', { limit_rate: 1 })
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => get(`${gate.url}/${slow.token}/acme/stable/setup.deb.sh`)),
    )
    expect(answers.map(({ status }) => status)).toContain(429)
  })

  test('of another format is a file of the storage like any other', async () => {
    expect((await ask('stable/setup.rpm.sh')).status).toBe(404)
    expect(await text('files/setup.deb.sh')).toBe('200 #!/bin/sh\necho mine\n')
  })

  test('is explained', async () => {
    const explained = await gate.admin('POST', '/explain/', {
      target: `/${token.token}/acme/stable/setup.deb.sh`,
    })
    expect(explained).toMatchObject({ status: 200, body: { allowed: true, answer: { status: 200 } } })
  })
})

describe('a refused script', () => {
  const REFUSED = [
    ['an unknown token', () => '/never-issued-0815/acme/stable/setup.deb.sh', 'Unknown token', 403],
    ['no token', () => '/basic/acme/stable/setup.deb.sh', 'Token required', 401],
    ['no such repository', () => `/${token.token}/acme/none/setup.rpm.sh`, 'Not found', 404],
    ['half a path', () => `/${token.token}/setup.deb.sh`, 'Not found', 404],
    ['an odd path', () => `/${token.token}/acme/a%20b/setup.deb.sh`, 'Ambiguous path', 400],
    [
      'no key',
      () => `/${token.token}/acme/unkeyed/setup.deb.sh`,
      'nobody has said where the public key',
      404,
    ],
    ['a script that is not there', () => `/${token.token}/acme/files/install.sh`, 'Not found', 404],
  ] as const

  test.each(REFUSED)('for %s fails in a shell, with the reason', async (_, path, reason, status) => {
    const answer = await get(gate.url + path())
    expect(answer.status).toBe(status)
    for (const shell of ['dash', 'bash']) {
      const ran = await run('sh', ['-c', `curl -s '${gate.url}${path()}' | ${shell}`])
      expect(ran).toMatchObject({ code: 1, stdout: '' })
      expect(ran.stderr).toMatch(/^postern: .+\n$/)
      expect(ran.stderr).toContain(reason)
    }
    expect((await run('curl', ['-fsS', gate.url + path()])).code).not.toBe(0)
  })

  test('is a page for browsers and a document for programs', async () => {
    const url = `${gate.url}/never-issued-0815/acme/stable/setup.deb.sh`
    expect((await get(url, { headers: { accept: 'text/html' } })).body.toString()).toMatch(
      /^Unknown token\. /,
    )
    const document = await get(url, { headers: { accept: 'application/json' } })
    expect(JSON.parse(document.body.toString())).toMatchObject({ code: 'token_unknown' })
  })
})

describe('a configuration', () => {
  const source = (repo: string, rest: string, key = `${repo}.asc`): string => {
    const line = `[signed-by=/etc/apt/keyrings/acme-${key}] ${gate.url}/${token.token}/acme/${repo} ${rest}`
    return `200 # acme/${repo}\ndeb ${line}\n# deb-src ${line}\n`
  }

  test('for apt has the suite of the system, or else stable, with its components', async () => {
    expect(await text('stable/config.deb.txt?codename=noble')).toBe(source('stable', 'noble main contrib'))
    expect(await text('stable/config.deb.txt?codename=bookworm')).toBe(source('stable', 'stable main'))
    expect(await text('stable/cfg/setup/config.deb.txt')).toBe(source('stable', 'stable main'))
  })

  test('for apt has what the vendor said', async () => {
    expect(await text('told/config.deb.txt?distro=debian&codename=trixie')).toBe(
      source('told', 'debian-trixie main extra', 'told.gpg'),
    )
    expect(await text('told/config.deb.txt?distro=debian&codename=sid')).toContain('nothing for this system')
    expect(await text('flat/config.deb.txt')).toBe(source('flat', './'))
  })

  test('for dnf and yum has the login, and what of the repository is signed', async () => {
    const url = `${gate.url}/basic/acme/el/config.rpm.txt?distro=fedora&version=40`
    const { body } = await get(url, { headers: { authorization: `Bearer ${token.token}` } })
    expect(body.toString()).toContain(
      `baseurl=${gate.url}/basic/acme/el/\nusername=token\npassword=${token.token}\n`,
    )
    expect(body.toString()).toContain('repo_gpgcheck=1\ngpgcheck=1\n')
    expect(await text('plain/config.rpm.txt')).toContain('repo_gpgcheck=1\ngpgcheck=0\n')
    expect(await text('els/config.rpm.txt?distro=rpm')).toContain(`/acme/els/rpm/\n`)
    expect((await ask('els/config.rpm.txt?distro=sles')).status).toBe(404)
  })

  test('for apk has the branch of the system', async () => {
    const line = `200 ${gate.url}/${token.token}/acme/alpine/v3.20/main\n`
    expect(await text('alpine/config.alpine.txt?version=3.20.3&arch=x86_64')).toBe(line)
    expect((await ask('alpine/config.alpine.txt?version=3.20.3&arch=riscv64')).status).toBe(404)
    expect((await ask('alpine/config.alpine.txt?arch=x86_64')).status).toBe(400)
  })

  test.each([
    'codename=..',
    'distro=a%2Fb',
    'version=1&version=2',
    'arch=%0A',
    'codename=%24(id)',
    `arch=${'x'.repeat(65)}`,
  ])('is refused for a system called %s', async (query) => {
    expect((await ask(`stable/config.deb.txt?${query}`)).status).toBe(400)
  })
})

describe('a key', () => {
  test('is that of the storage, also by its id', async () => {
    const file = join(storage.root, 'debian/key.asc')
    const shown = await runOrFail('gpg', ['--batch', '--with-colons', '--show-keys', file])
    const id = /^pub:(?:[^:]*:){3}([0-9A-F]{16}):/m.exec(shown)?.[1] ?? ''
    for (const name of ['gpg.key', `gpg.${id}.key`, `cfg/gpg/gpg.${id.toLowerCase()}.key`]) {
      expect(await text(`stable/${name}`)).toBe(`200 ${await readFile(file, 'utf8')}`)
    }
    expect((await ask(`stable/gpg.${'0'.repeat(16)}.key`)).status).toBe(404)
  })

  test('is the file that the configuration names, armored or not', async () => {
    expect((await ask('told/gpg.key')).body).toEqual(await readFile(join(keys.path, 'told.gpg')))
  })

  test('of apk has a name', async () => {
    expect(await text('alpine/rsa.key')).toBe(`200 ${RSA_KEY}`)
    expect((await ask('alpine/cfg/rsa/rsa.0123456789ABCDEF.key')).status).toBe(404)
  })

  test('is never a private one', async () => {
    const { status, body } = await ask('private/gpg.key')
    expect([status, body.toString()]).toEqual([404, expect.not.stringContaining('hunter2')])
  })
})
