import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import type { Content } from '../support/image.ts'
import type { Registry } from '../support/registry.ts'
import { get, type Answer } from '../support/requests.ts'
import { downloadsOf, FAR_LIMIT } from './entitlements.ts'
import {
  AMD,
  ARM,
  bytesOf,
  MULTI,
  OTHER,
  SIGNATURE_1,
  signatureTag,
  startImages,
  TOOL_1,
  TOOL_2,
} from './images.ts'

/** What clients send that are not here, as docker's engine and containerd, and what no client should. */

const REPOSITORY = 'acme/docker'
const OPEN_HOST = 'open.example.com'
const OWN_HOST = 'images.example.com'
const FAR = { ...FAR_LIMIT, limit_bandwidth: 1_000_000_000 }
/** docker's engine and containerd send each in a line of its own. */
const ACCEPT = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  '*/*',
]

let registry: Registry
let gate: Gate

beforeAll(async () => {
  registry = await startImages()
  const repository = { format: 'docker', upstream: `${registry.url}/team` } as const
  const repositories = {
    [REPOSITORY]: repository,
    'acme/open': { ...repository, public: true },
    'acme/js': { format: 'npm', upstream: `${registry.url}/` },
  } as const
  const hosts = { [OPEN_HOST]: 'acme/open', [OWN_HOST]: REPOSITORY, 'acme.example.com': 'acme' }
  gate = await startGate({ config: { repositories, hosts, workers: 2 } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await registry?.[Symbol.asyncDispose]()
})

interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly host?: string
}

/** A request on a connection of its own, so that any worker may get it. */
function ask(
  path: string,
  token?: GateToken,
  { method = 'GET', headers = {}, host }: Asking = {},
): Promise<Answer> {
  const login = Buffer.from(`${REPOSITORY}:${token?.token}`).toString('base64')
  const credentials = token === undefined ? {} : { authorization: `Basic ${login}` }
  const named = host === undefined ? {} : { host }
  return get(`${gate.url}${path}`, { method, headers: { ...credentials, ...named, ...headers } })
}

function errorOf({ body }: Answer): unknown {
  const { errors } = JSON.parse(body.toString()) as { readonly errors: readonly unknown[] }
  return errors[0]
}

function partsOf(content: Content): string[] {
  return [...content.blobs.keys()].slice(1)
}

describe('the greeting', () => {
  test('is answered with a challenge to whoever has no credential', async () => {
    for (const path of ['/v2/', '/v2']) {
      const answer = await ask(path)
      expect(answer.status).toBe(401)
      expect(answer.headers).toMatchObject({
        'www-authenticate': 'Basic realm="Postern", charset="UTF-8"',
        'docker-distribution-api-version': 'registry/2.0',
        'content-type': 'application/json',
      })
      expect(errorOf(answer)).toMatchObject({ code: 'UNAUTHORIZED', detail: { code: 'credential_missing' } })
    }
  })

  test('is answered to whoever has a token of any repository', async () => {
    for (const token of [
      await gate.createToken(REPOSITORY),
      await gate.createToken('acme/js'),
      await gate.createToken(REPOSITORY, { limit_packages: [] }),
    ]) {
      const answer = await ask('/v2/', token)
      expect(answer.status).toBe(200)
      expect(answer.body.toString()).toBe('{}')
      expect(answer.headers['docker-distribution-api-version']).toBe('registry/2.0')
    }
    const { token } = await gate.createToken(REPOSITORY)
    expect((await ask('/v2/', undefined, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
  })

  test('refuses unknown tokens with a challenge, and those that do not work without one', async () => {
    const unknown = await ask('/v2/', undefined, { headers: { authorization: 'Bearer ptkNobodysToken' } })
    expect(unknown.status).toBe(401)
    const disabled = await ask('/v2/', await gate.createToken(REPOSITORY, { is_active: false }))
    expect(disabled.status).toBe(403)
    expect(disabled.headers['www-authenticate']).toBeUndefined()
    expect(errorOf(disabled)).toMatchObject({
      code: 'DENIED',
      message: expect.stringContaining('disabled'),
      detail: { code: 'token_disabled' },
    })
  })

  test('needs no credential on a host that is a public repository', async () => {
    expect((await ask('/v2/', undefined, { host: OPEN_HOST })).status).toBe(200)
    expect((await ask('/v2/tool/manifests/1.0', undefined, { host: OPEN_HOST })).status).toBe(200)
    expect((await ask('/v2/', undefined, { host: OWN_HOST })).status).toBe(401)
  })

  test('is not answered to other methods', async () => {
    const answer = await ask('/v2/', undefined, { method: 'DELETE' })
    expect(answer.status).toBe(405)
    expect(errorOf(answer)).toMatchObject({ code: 'UNSUPPORTED' })
  })
})

test('docker’s engine pulls an image for one download: HEAD for the tag, GET for the digest', async () => {
  const token = await gate.createToken(REPOSITORY, FAR)
  const headers = { accept: ACCEPT.join(', ') }
  const image = `/v2/${REPOSITORY}/multi`
  expect((await ask('/v2/')).status).toBe(401)
  expect((await ask('/v2/', token)).status).toBe(200)
  const head = await ask(`${image}/manifests/1.0`, token, { method: 'HEAD', headers })
  expect(head.headers['docker-content-digest']).toBe(MULTI.descriptor.digest)
  expect(head.headers['content-type']).toBe('application/vnd.oci.image.index.v1+json')
  expect((await ask(`${image}/manifests/${MULTI.descriptor.digest}`, token, { headers })).status).toBe(200)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
  const manifest = await ask(`${image}/manifests/${AMD.descriptor.digest}`, token, { headers })
  expect(manifest.body).toEqual(AMD.blobs.get(AMD.descriptor.digest))
  for (const part of partsOf(AMD)) {
    const blob = await ask(`${image}/blobs/${part}`, token)
    expect(blob.body).toEqual(AMD.blobs.get(part))
  }
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
})

test('containerd pulls an image for one download, and resumes a layer', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR, limit_packages: ['docker:tool@1.*'] })
  const image = `/v2/${REPOSITORY}/tool`
  const headers = { accept: ACCEPT.join(', ') }
  expect((await ask(`${image}/manifests/1.0`, undefined, { method: 'HEAD', headers })).status).toBe(401)
  const head = await ask(`${image}/manifests/1.0`, token, { method: 'HEAD', headers })
  const digest = String(head.headers['docker-content-digest'])
  expect((await ask(`${image}/manifests/${digest}`, token, { headers })).status).toBe(200)
  const [, layer = ''] = partsOf(TOOL_1)
  const content = TOOL_1.blobs.get(layer)
  const part = await ask(`${image}/blobs/${layer}`, token, { headers: { range: 'bytes=1000-' } })
  expect(part.status).toBe(206)
  expect(part.body).toEqual(content?.subarray(1000))
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(1)
  expect((await gate.readToken(REPOSITORY, token.slug_perm))['bandwidth']).toBe(
    bytesOf(TOOL_1) - 1000 - (TOOL_1.blobs.get(partsOf(TOOL_1)[0] ?? '')?.length ?? 0),
  )
})

test('a digest is given only where a tag leads to it that the token covers, by every worker, whatever it has seen before', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR, limit_packages: ['docker:tool@<2', 'multi'] })
  const shared = partsOf(TOOL_1)
  const foreign = [
    ...[...TOOL_2.blobs.keys()].filter((digest) => !shared.includes(digest)),
    ...OTHER.blobs.keys(),
    ...ARM.blobs.keys(),
  ]
  const tool = `/v2/${REPOSITORY}/tool`
  for (let round = 0; round < 3; round++) {
    for (const digest of shared) expect((await ask(`${tool}/blobs/${digest}`, token)).status).toBe(200)
    for (const digest of foreign) {
      expect((await ask(`${tool}/blobs/${digest}`, token)).status).toBe(403)
      expect((await ask(`${tool}/manifests/${digest}`, token)).status).toBe(403)
    }
  }
  // The name alone is enough here, and the registry keeps the images apart.
  for (const digest of partsOf(ARM))
    expect((await ask(`/v2/${REPOSITORY}/multi/blobs/${digest}`, token)).status).toBe(200)
  for (const digest of OTHER.blobs.keys())
    expect((await ask(`/v2/${REPOSITORY}/multi/blobs/${digest}`, token)).status).toBe(404)
  expect((await ask(`/v2/${REPOSITORY}/other/blobs/${[...OTHER.blobs.keys()][1]}`, token)).status).toBe(403)
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
})

test('a signature is free, and read by whoever may read its image', async () => {
  const path = `/v2/${REPOSITORY}/tool/manifests/${signatureTag(TOOL_1)}`
  const own = await gate.createToken(REPOSITORY, { ...FAR, limit_packages: ['docker:tool@1.0'] })
  expect((await ask(path, own)).status).toBe(200)
  for (const part of partsOf(SIGNATURE_1))
    expect((await ask(`/v2/${REPOSITORY}/tool/blobs/${part}`, own)).status).toBe(200)
  expect(await downloadsOf(gate, REPOSITORY, own)).toBe(0)
  const other = await gate.createToken(REPOSITORY, { ...FAR, limit_packages: ['docker:tool@2.0'] })
  expect((await ask(path, other)).status).toBe(403)
  // cosign and skopeo go on without a signature when they are told so in these words.
  const none = await ask(`/v2/${REPOSITORY}/tool/manifests/${signatureTag(TOOL_2)}`, other)
  expect(none.status).toBe(404)
  expect(errorOf(none)).toMatchObject({ code: 'MANIFEST_UNKNOWN' })
})

test('a query over paths is one over tags', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR, limit_path_query: '^/tool/manifests/1' })
  const tool = `/v2/${REPOSITORY}/tool`
  expect((await ask(`${tool}/manifests/1.0`, token)).status).toBe(200)
  expect((await ask(`${tool}/manifests/2.0`, token)).status).toBe(403)
  expect((await ask(`${tool}/manifests/${TOOL_1.descriptor.digest}`, token)).status).toBe(200)
  expect((await ask(`${tool}/manifests/${TOOL_2.descriptor.digest}`, token)).status).toBe(403)
  const turned = await gate.createToken(REPOSITORY, { ...FAR, limit_path_query: 'NOT ^/tool/manifests/2' })
  // latest is the same image, and covered.
  expect((await ask(`${tool}/manifests/${TOOL_2.descriptor.digest}`, turned)).status).toBe(200)
  const only = await gate.createToken(REPOSITORY, {
    ...FAR,
    limit_path_query: 'NOT ^/tool/manifests/2 AND NOT ^/tool/manifests/latest',
  })
  expect((await ask(`${tool}/manifests/${TOOL_2.descriptor.digest}`, only)).status).toBe(403)
})

test('the list of tags names the image as the client does, and what the token covers', async () => {
  const token = await gate.createToken(REPOSITORY, { limit_packages: ['docker:tool@1.*'] })
  const answer = await ask(`/v2/${REPOSITORY}/tool/tags/list?n=10`, token)
  expect(JSON.parse(answer.body.toString())).toEqual({ name: 'acme/docker/tool', tags: ['1.0'] })
  expect(answer.headers['cache-control']).toContain('private')
  const mapped = await ask('/v2/tool/tags/list', token, { host: OWN_HOST })
  expect(JSON.parse(mapped.body.toString())).toEqual({ name: 'tool', tags: ['1.0'] })
  const half = await ask('/v2/docker/tool/tags/list', token, { host: 'acme.example.com' })
  expect(JSON.parse(half.body.toString())).toEqual({ name: 'docker/tool', tags: ['1.0'] })
})

test.each([
  ['POST', `/v2/${REPOSITORY}/tool/blobs/uploads/`],
  ['PATCH', `/v2/${REPOSITORY}/tool/blobs/uploads/1234`],
  ['PUT', `/v2/${REPOSITORY}/tool/manifests/9.9`],
  ['DELETE', `/v2/${REPOSITORY}/tool/manifests/sha256:${'0'.repeat(64)}`],
])('%s %s is refused in the words of the API', async (method, path) => {
  const answer = await ask(path, await gate.createToken(REPOSITORY), { method })
  expect(answer.status).toBe(405)
  expect(answer.headers['allow']).toBe('GET, HEAD')
  expect(errorOf(answer)).toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('Read only'),
  })
})

test.each([
  '/v2/_catalog',
  '/v2/_catalog?n=1000',
  `/v2/${REPOSITORY}/_catalog`,
  `/v2/${REPOSITORY}/tool/blobs/uploads/`,
  `/v2/${REPOSITORY}/tool/manifests/1.0/`,
  `/v2/${REPOSITORY}/tool/blobs/sha256:${'A'.repeat(64)}`,
  '/v2/acme/js/tool/manifests/1.0',
  '/v2/acme/nothing/tool/manifests/1.0',
  '/v1/_ping',
])('%s shows nothing', async (path) => {
  const answer = await ask(path, await gate.createToken(REPOSITORY, { repositories: ['*/*'] }))
  expect(answer.status).toBe(404)
  expect(registry.heard()).not.toMatch(/_catalog|uploads/)
})

test('a registry is reached at /v2/ and nowhere else', async () => {
  const token = await gate.createToken(REPOSITORY)
  expect((await ask(`/${token.token}/${REPOSITORY}/tool/manifests/1.0`)).status).toBe(404)
  expect((await ask(`/basic/${REPOSITORY}/tool/manifests/1.0`, token)).status).toBe(404)
  expect((await ask('/public/acme/open/tool/manifests/1.0')).status).toBe(403)
})

test.each([
  `/v2/${REPOSITORY}/tool/manifests/..%2f..%2fother/manifests/1.0`,
  `/v2/${REPOSITORY}/tool%2fmanifests/1.0`,
  `/v2/${REPOSITORY}/../open/tool/manifests/1.0`,
  `/v2/${REPOSITORY}/tool/%2e%2e/other/manifests/1.0`,
  `/v2/${REPOSITORY}/tool/manifests/1.0;x`,
])('%s is ambiguous', async (path) => {
  expect((await ask(path, await gate.createToken(REPOSITORY))).status).toBe(400)
})

test('a repository that does not exist looks like a private one to whoever has no token', async () => {
  const [absent, present] = [
    await ask('/v2/acme/nothing/tool/manifests/1.0'),
    await ask(`/v2/${REPOSITORY}/tool/manifests/1.0`),
  ]
  expect(absent.status).toBe(401)
  expect(absent.body).toEqual(present.body)
})

test('the storage’s own challenge is not passed on', async () => {
  const answer = await ask(`/v2/${REPOSITORY}/tool/manifests/1.0`, await gate.createToken(REPOSITORY))
  expect(answer.headers).not.toHaveProperty('www-authenticate')
  expect(answer.headers['docker-content-digest']).toBe(TOOL_1.descriptor.digest)
})

test('what would come of a request is explained, as far as its digest', async () => {
  const token = await gate.createToken(REPOSITORY, { ...FAR, limit_packages: ['docker:tool@1.0'] })
  const explain = async (path: string): Promise<unknown> => {
    const login = Buffer.from(`token:${token.token}`).toString('base64')
    const body = { target: `/v2/${path}`, authorization: `Basic ${login}` }
    return (await gate.admin('POST', '/explain/', body)).body
  }
  expect(await explain('')).toMatchObject({ allowed: true, answer: { status: 200 } })
  const own = await explain(`${REPOSITORY}/tool/manifests/${TOOL_1.descriptor.digest}`)
  expect(own).toMatchObject({ allowed: true })
  expect(JSON.stringify(own)).toContain('it is taken for: package')
  expect(JSON.stringify(own)).toContain('this would be download 1')
  expect(await explain(`${REPOSITORY}/tool/manifests/${TOOL_2.descriptor.digest}`)).toMatchObject({
    allowed: false,
    answer: { status: 403, code: 'package_not_covered' },
  })
  expect(await downloadsOf(gate, REPOSITORY, token)).toBe(0)
})
