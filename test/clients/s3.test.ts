import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApt } from '../support/apt.ts'
import { startGate, type Gate } from '../support/gate.ts'
import { createNpm } from '../support/npm.ts'
import { createPip } from '../support/pip.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { startSwift, type Swift } from '../support/swift.ts'
import { downloadsOf, expectSuccess, FAR_LIMIT } from './entitlements.ts'

/** A name with all that somebody reads in a way of his own. */
const ODD = "tool+kit (1)/it's 100% ~new~!*%41 \u00fc\u{1f381}.bin"

let swift: Swift
/** Where the repositories were built. Nobody asks it. */
let built: Storage
let gate: Gate

beforeAll(async () => {
  ;[swift, built] = await Promise.all([startSwift(), startStorage('deb', 'npm', 'python')])
  await swift.createBucket('packages')
  await swift.upload('packages', join(built.root, 'debian'), 'debian/')
  await swift.upload('packages', join(built.root, 'npm'), 'npm/')
  await swift.upload('packages', join(built.root, 'python'), 'python/')
  await swift.put('packages', `raw/${ODD}`, 'an odd one')
  const formats = { debian: 'deb', npm: 'npm', python: 'python', raw: 'raw' } as const
  const repositories = Object.fromEntries(
    (['stream', 'redirect'] as const).flatMap((deliver) =>
      Object.entries(formats).map(([name, format]) => [
        `${deliver}/${name}`,
        { format, upstream: `s3://packages/${name}`, deliver, s3: swift.access },
      ]),
    ),
  )
  gate = await startGate({ config: { repositories } })
}, 180_000)

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await built?.[Symbol.asyncDispose]()
  await swift?.[Symbol.asyncDispose]()
})

const key = (): string => join(built.root, 'debian/key.asc')

/** The links that clients followed: what was asked for, and by which id. */
function followed(heard: string): { readonly path: string; readonly id: string }[] {
  const lines = heard.matchAll(/^GET (\S+?)\?(\S*X-Amz-Signature=\S*) HTTP/gm)
  return Array.from(lines, ([, path = '', query]) => ({
    path: decodeURIComponent(path),
    id: new URLSearchParams(query).get('x-postern-id') ?? '',
  }))
}

function escaped(mark: string): string {
  return `%${mark.charCodeAt(0).toString(16)}`
}

/** The ids of links in the gate's log of requests. */
function handedOver(log: string): string[] {
  return Array.from(log.matchAll(/"handed_over":"(\w+)"/g), ([, id = '']) => id)
}

describe.each(['stream', 'redirect'] as const)('from S3, by %s', (way) => {
  const links = way === 'redirect' ? 1 : 0

  /** What reached Swift, and what the gate logged, while `act` ran. */
  async function watch(act: () => Promise<void>) {
    const before = { heard: swift.heard().length, log: gate.output().length }
    await act()
    const heard = swift.heard().slice(before.heard)
    const ids = followed(heard).map(({ id }) => id)
    const logged = (): string[] => handedOver(gate.output().slice(before.log))
    await expect.poll(() => logged().toSorted()).toEqual(ids.toSorted())
    return { heard, paths: followed(heard).map(({ path }) => path) }
  }

  test.each(['in the URL', 'in auth.conf.d'])('apt-get installs with the token %s', async (place) => {
    const repository = `${way}/debian`
    const token = await gate.createToken(repository, FAR_LIMIT)
    const machine = `${gate.url}/basic/${repository}`
    await using apt = await createApt(
      place === 'in the URL'
        ? { source: `${gate.url}/${token.token}/${repository} stable main`, key: key() }
        : {
            source: `${machine} stable main`,
            key: key(),
            login: { machine, login: 'token', password: token.token },
          },
    )
    const { heard, paths } = await watch(async () => {
      expectSuccess(await apt.update())
      expectSuccess(await apt.install('hello-postern', 'lib++-demo'))
    })
    expect(await apt.installedVersion('lib++-demo')).toBe('1:1.5~rc1+git-1')
    expect(await downloadsOf(gate, repository, token)).toBe(2)
    expect(paths).toHaveLength(2 * links)
    expect(heard).not.toContain(token.token)
    expect(heard).not.toMatch(/^authorization: basic/im)
  })

  test.each(['in the URL', 'as _authToken'])('npm installs with the token %s', async (place) => {
    const repository = `${way}/npm`
    const token = await gate.createToken(repository, FAR_LIMIT)
    await using npm = await createNpm(
      place === 'in the URL'
        ? { registry: `${gate.url}/${token.token}/${repository}/` }
        : { registry: `${gate.url}/basic/${repository}/`, authToken: token.token },
    )
    const { heard, paths } = await watch(async () => {
      expectSuccess(await npm.run('install', '@acme/widget', 'plain-demo'))
    })
    expect(await npm.installedVersion('@acme/widget')).toBe('1.1.0')
    expect(await downloadsOf(gate, repository, token)).toBe(2)
    // npm would tell the storage the URL that it was asked for, and the secret in it.
    expect(paths).toHaveLength(place === 'in the URL' ? 0 : 2 * links)
    expect(heard).not.toContain(token.token)
    expect(heard).not.toMatch(/^authorization: bearer/im)
    expect(await npm.read('package-lock.json')).not.toMatch(/X-Amz|localhost/)
  })

  test('pip installs with the token as a password', async () => {
    const repository = `${way}/python`
    const token = await gate.createToken(repository, FAR_LIMIT)
    const url = gate.url.replace('//', `//token:${token.token}@`)
    await using pip = await createPip({ indexUrl: `${url}/basic/${repository}/simple/` })
    const { heard, paths } = await watch(async () => {
      expectSuccess(await pip.install('acme-tool'))
    })
    expect(await pip.installedVersion('acme_lib')).toBe('1.0')
    expect(await downloadsOf(gate, repository, token)).toBe(2)
    expect(paths).toHaveLength(2 * links)
    expect(heard).not.toContain(token.token)
    expect(heard).not.toMatch(/^authorization: basic/im)
  })

  test('a file of an odd name is had by any spelling of it', async () => {
    const repository = `${way}/raw`
    const token = await gate.createToken(repository, FAR_LIMIT)
    const [folder = '', file = ''] = ODD.split('/').map(encodeURIComponent)
    const spellings = [
      `${folder}/${file}`,
      `${folder.replace('%2B', '+')}/${file.replaceAll(/[!*'~]/g, escaped)}`,
    ]
    const { paths } = await watch(async () => {
      for (const path of spellings) {
        const answer = await fetch(`${gate.url}/${token.token}/${repository}/${path}`)
        expect([answer.status, await answer.text()]).toEqual([200, 'an odd one'])
      }
    })
    expect(paths).toEqual(spellings.slice(0, 2 * links).map(() => `/packages/raw/${ODD}`))
    expect(await downloadsOf(gate, repository, token)).toBe(2)
  })

  test('no header of a client that is meant for S3 reaches it, nor its query', async () => {
    const repository = `${way}/raw`
    await swift.put('packages', `raw/${way}.bin`, 'plain')
    const token = await gate.createToken(repository, FAR_LIMIT)
    const { heard, paths } = await watch(async () => {
      const url = `${gate.url}/${token.token}/${repository}/${way}.bin?acl&versionId=1`
      const answer = await fetch(url, { headers: { 'x-amz-acl': 'public-read', 'X-Amz-Date': 'never' } })
      expect([answer.status, await answer.text()]).toEqual([200, 'plain'])
    })
    expect(heard).toMatch(/^GET \/packages\/raw\/\w+\.bin HTTP/m)
    expect(heard).not.toMatch(/versionId|x-amz-acl|never/i)
    expect(paths).toEqual([])
  })

  test('a package that is not there is not found, and no link to it', async () => {
    const repository = `${way}/debian`
    const token = await gate.createToken(repository, FAR_LIMIT)
    const path = `${gate.url}/${token.token}/${repository}/pool/main/n/none/none_1.0_all.deb`
    expect((await fetch(path, { redirect: 'manual' })).status).toBe(404)
    expect(await downloadsOf(gate, repository, token)).toBe(0)
  })
})

test('the role of a container opens the bucket, for what is streamed and for links', async () => {
  const role = {
    AccessKeyId: swift.accessKeyId,
    SecretAccessKey: swift.secretAccessKey,
    Token: 'session+/=',
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  }
  let fetches = 0
  const service = createServer((_, response) => {
    fetches++
    response.end(JSON.stringify(role))
  }).listen(0, '127.0.0.1')
  await once(service, 'listening')
  const { port } = service.address() as AddressInfo
  const repository = {
    format: 'npm',
    upstream: 's3://packages/npm',
    public: true,
    deliver: 'redirect',
    s3: { endpoint: swift.endpoint },
  } as const
  try {
    await using own = await startGate({
      config: { repositories: { 'acme/npm': repository } },
      env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/role` },
    })
    const url = `${own.url}/public/acme/npm/plain-demo`
    expect(await (await fetch(url)).json()).toMatchObject({ name: 'plain-demo' })
    const tarball = await fetch(`${url}/-/plain-demo-1.0.0.tgz`)
    expect([tarball.status, new URL(tarball.url).origin]).toEqual([200, swift.endpoint])
    expect(tarball.url).toContain('X-Amz-Security-Token=session%2B%2F%3D')
    expect(fetches).toBe(1)
    expect(own.output()).not.toMatch(/session|testing/)
  } finally {
    service.closeAllConnections()
    service.close()
  }
})
