import { describe, expect, test } from 'vitest'
import type { DeliveryOrder } from '../../../src/deliver/contract.ts'
import { createModuleLocations } from '../../../src/deliver/module-location.ts'
import { createLocatingDeliverer } from '../../../src/deliver/rewrite/locating.ts'
import { createRoom } from '../../../src/deliver/rewrite/room.ts'
import { createTerraformLocator } from '../../../src/deliver/rewrite/terraform.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver, orderFor, refusalOf } from '../orders.ts'
import { fixedStorage, type FixedStorage } from './documents.ts'
import { rewritingOf } from './rewriter-of.ts'

const GATE = 'https://dl.example.com/basic/acme/infra/'
const OPEN = 'https://dl.example.com/SECRET/acme/infra/'
const STORAGE = 'https://registry.example.com/infra/'
const MODULE = 'v1/modules/acme/vpc/aws'
const PROVIDER = 'v1/providers/acme/cloud'
const { recognize } = FORMAT_RULES.terraform

function order(path: string, more: Partial<DeliveryOrder> = {}): DeliveryOrder {
  return orderFor('', { artifact: recognize(path), baseUrl: GATE, openUrl: () => OPEN, ...more })
}

function only(...words: readonly string[]): Pick<DeliveryOrder, 'includes'> {
  return {
    includes: (path) => {
      const { version = '', arch } = recognize(path)
      return words.includes(version) || words.includes(`${version} ${arch}`)
    },
  }
}

function rewriting(document: unknown): ReturnType<typeof rewritingOf> {
  const content = typeof document === 'string' ? document : JSON.stringify(document)
  return rewritingOf('terraform', fixedStorage(content).deliverer, STORAGE, { onFailure: () => undefined })
}

async function rewrite(document: unknown, asked: DeliveryOrder): Promise<unknown> {
  return JSON.parse((await deliver(rewriting(document), asked)).content.toString())
}

/** Where the storage is asked for the file at `path`. */
async function foundFor(path: string, document: object): Promise<string | undefined> {
  const storage: FixedStorage = fixedStorage(JSON.stringify(document))
  const options = { limitBytes: 1_000_000, room: createRoom(1_000_000), onFailure: () => undefined }
  const locator = createTerraformLocator(new URL(STORAGE))
  const opened = await createLocatingDeliverer(storage.deliverer, locator, options).open(order(path))
  return opened.ok ? storage.orders.at(-1)?.artifact.path : opened.code
}

describe('where a module lies', () => {
  test.each([
    [`${STORAGE}files/1.zip`, 'archive.zip', 'files/1.zip'],
    [`${STORAGE}files/1?archive=tar.gz&sig=1`, 'archive.tar.gz', 'files/1'],
    [`${STORAGE}files/1.tgz//modules/net`, 'archive.tgz//modules/net', 'files/1.tgz'],
    [`${STORAGE}1.zip//net?checksum=sha256:ab12&x=1`, 'archive.zip//net?checksum=sha256:ab12', '1.zip'],
    ['./1.zip', 'archive.zip', `${MODULE}/1.0.0/1.zip`],
    ['../../1.zip//a', 'archive.zip//a', 'v1/modules/acme/vpc/1.zip'],
    ['/infra/files/1.tar.xz', 'archive.tar.xz', 'files/1.tar.xz'],
    ['https://cdn.example.com/infra/files/1.zip', 'archive.zip', 'files/1.zip'],
  ])('%s: is %s for the client and %s for the storage', async (location, place, path) => {
    const asked = order(`${MODULE}/1.0.0/download`)
    expect(await rewrite({ location }, asked)).toEqual({ location: `${OPEN}${MODULE}/1.0.0/${place}` })
    const { header } = await deliver(rewriting({ location }), asked)
    expect(header('x-terraform-get')).toBe(`${OPEN}${MODULE}/1.0.0/${place}`)
    const file = place.replace(/(?:\/\/|\?).*/, '')
    expect(await foundFor(`${MODULE}/1.0.0/${file}`, { location })).toBe(path)
  })

  test.each([
    'git::https://git.example.com/vpc.git?ref=v1',
    'git@github.com:acme/vpc.git',
    'github.com/acme/vpc',
    's3::https://s3.example.com/vpc.zip',
    'https://registry.example.com/infra/page',
    'https://registry.example.com/1.zip?archive=exe',
    'https://registry.example.com/1.zip//a"b',
    'file:///etc/passwd.zip',
    `https://registry.example.com/${'a'.repeat(5000)}.zip`,
    `https://registry.example.com/${'//'.repeat(5000)}\n#\n`,
    '',
  ])('can not be %j', async (location) => {
    const asked = order(`${MODULE}/1.0.0/download`)
    expect(await refusalOf(rewriting({ location }), asked)).toBe('upstream_failed')
    expect(await foundFor(`${MODULE}/1.0.0/archive.zip`, { location })).toBe('upstream_failed')
  })

  test('is read from a header, and said in both forms', async () => {
    const storage = fixedStorage('', ['x-terraform-get', './1.zip'], 204)
    const deliverer = createModuleLocations(storage.deliverer)
    const { status, content } = await deliver(deliverer, order(`${MODULE}/1.0.0/download`))
    expect([status, content.toString()]).toEqual([200, '{"location":"./1.zip"}'])
    const file = await deliver(deliverer, order(`${MODULE}/1.0.0/archive.zip`))
    expect(file.headers).toEqual([])
  })
})

describe('the document of a provider', () => {
  const links = {
    download_url: `${STORAGE}files/a`,
    shasums_url: `${STORAGE}files/b`,
    shasums_signature_url: 'https://cdn.example.com/c',
  }
  const path = `${PROVIDER}/2.0.0/download/linux/amd64`
  const stem = `${path}/terraform-provider-cloud_2.0.0`

  test('names files by paths that tell what they are, and says the rest as it was', async () => {
    expect(await rewrite({ ...links, shasum: 'ab', signing_keys: { x: 1 } }, order(path))).toEqual({
      download_url: `${OPEN}${stem}_linux_amd64.zip`,
      shasums_url: `${OPEN}${stem}_SHA256SUMS`,
      shasums_signature_url: `${OPEN}${stem}_SHA256SUMS.sig`,
      shasum: 'ab',
      signing_keys: { x: 1 },
    })
  })

  test('tells where these files lie', async () => {
    expect(await foundFor(`${stem}_linux_amd64.zip`, links)).toBe('files/a')
    expect(await foundFor(`${stem}_SHA256SUMS`, links)).toBe('files/b')
    expect(await foundFor(`${stem}_SHA256SUMS.sig`, links)).toBe('c')
  })

  test.each([{}, { ...links, shasums_url: 1 }, []])('is refused when it is %j', async (document) => {
    expect(await refusalOf(rewriting(document), order(path))).toBe('upstream_failed')
  })
})

describe('lists of versions', () => {
  const platforms = [
    { os: 'linux', arch: 'amd64' },
    { os: 'darwin', arch: 'arm64' },
  ]

  test('of a module have what the client may fetch', async () => {
    const given = {
      modules: [{ source: 'x', versions: [{ version: '1.0.0', root: {} }, { version: '2.0.0' }] }],
    }
    expect(await rewrite(given, order(`${MODULE}/versions`, only('1.0.0')))).toEqual({
      modules: [{ source: 'x', versions: [{ version: '1.0.0', root: {} }] }],
    })
    expect(await refusalOf(rewriting(given), order(`${MODULE}/versions`, only()))).toBe('package_not_covered')
    expect(await rewrite(given, order(`${MODULE}/versions`))).toEqual(given)
  })

  test('of a provider have the platforms that the client may fetch', async () => {
    const given = {
      versions: ['1.0.0', '2.0.0', '3.0.0'].map((version) => ({ version, protocols: ['5.0'], platforms })),
    }
    const asked = order(`${PROVIDER}/versions`, only('1.0.0', '2.0.0 linux_amd64'))
    expect(await rewrite(given, asked)).toEqual({
      versions: [
        { version: '1.0.0', protocols: ['5.0'], platforms },
        { version: '2.0.0', protocols: ['5.0'], platforms: platforms.slice(0, 1) },
      ],
    })
  })

  test('of a mirror have what the client may fetch, and its archives lead to the gate', async () => {
    const folder = 'mirror/example.com/acme/cloud'
    const index = { versions: { '1.0.0': {}, '2.0.0': {} } }
    expect(await rewrite(index, order(`${folder}/index.json`, only('2.0.0')))).toEqual({
      versions: { '2.0.0': {} },
    })
    const file = (platform: string): string => `terraform-provider-cloud_2.0.0_${platform}.zip`
    const given = {
      archives: {
        linux_amd64: { hashes: ['h1:x'], url: file('linux_amd64') },
        darwin_arm64: { url: `${STORAGE}${folder}/${file('darwin_arm64')}` },
        odd: { url: 'ftp://x.example.com/y' },
        none: {},
      },
    }
    expect(await rewrite(given, order(`${folder}/2.0.0.json`, only('2.0.0')))).toEqual({
      archives: {
        linux_amd64: { hashes: ['h1:x'], url: `${OPEN}${folder}/${file('linux_amd64')}` },
        darwin_arm64: { url: `${OPEN}${folder}/${file('darwin_arm64')}` },
      },
    })
  })

  test.each(['[]', '{"versions":1}', '{"versions":{}}', 'no json', '{"versions":['])(
    'are refused when they are %s',
    async (text) => {
      expect(await refusalOf(rewriting(text), order(`${PROVIDER}/versions`))).toBe('upstream_failed')
    },
  )
})
