import { describe, expect, test } from 'vitest'
import type { DeliveryOrder } from '../../../src/deliver/contract.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver, orderFor, refusalOf } from '../orders.ts'
import { fixedStorage, type FixedStorage } from './documents.ts'
import { rewritingOf } from './rewriter-of.ts'

const GATE = 'https://dl.example.com/basic/acme/crates/'
const OPEN = 'https://dl.example.com/SECRET/acme/crates/'
const STORAGE = 'https://registry.example.com/cargo/'
const LINES = ['1.0.0', '1.1.0', '2.0.0-rc.1'].map(
  (vers) => `{"name":"Acme_Tool","vers":"${vers}","deps":[] }\n`,
)

function order(path: string, more: Partial<DeliveryOrder> = {}): DeliveryOrder {
  const openUrl = (): string => OPEN
  return orderFor('', { artifact: FORMAT_RULES.cargo.recognize(path), baseUrl: GATE, openUrl, ...more })
}

function only(...versions: readonly string[]): Pick<DeliveryOrder, 'includes'> {
  const { recognize } = FORMAT_RULES.cargo
  return {
    includes: (path) => {
      const { kind, name, version = '' } = recognize(path)
      return kind === 'package' && name === 'acme-tool' && versions.includes(version)
    },
  }
}

function rewriting(
  content: string,
  base: string | undefined = STORAGE,
): { deliverer: ReturnType<typeof rewritingOf>; storage: FixedStorage } {
  const storage = fixedStorage(content)
  return { storage, deliverer: rewritingOf('cargo', storage.deliverer, base, { onFailure: () => undefined }) }
}

async function given(content: string, asked: DeliveryOrder, base?: string): Promise<string> {
  return (await deliver(rewriting(content, base).deliverer, asked)).content.toString()
}

describe('the configuration', () => {
  test.each([
    [`${STORAGE}api/v1/crates`, `${GATE}api/v1/crates`],
    [`${STORAGE}api/v1/crates/`, `${GATE}api/v1/crates`],
    ['https://registry.example.com/cargo', GATE.slice(0, -1)],
    [STORAGE, GATE.slice(0, -1)],
    [`${STORAGE}{crate}/{version}`, `${GATE}{crate}/{version}`],
    [`${STORAGE}c/{prefix}/{crate}-{version}.crate?sig=1`, `${GATE}c/{prefix}/{crate}-{version}.crate`],
    [`${STORAGE}c/x-{lowerprefix}#a`, `${GATE}c/x-{lowerprefix}`],
    ['https://cdn.example.com/cargo/c/{crate}', `${GATE}c/{crate}`],
    ['https://cdn.example.com/static/{crate}', `${GATE}static/{crate}`],
    [`${STORAGE}a%20b`, `${GATE}a%20b`],
  ])('has %s lead to %s', async (dl, place) => {
    const config = JSON.parse(await given(JSON.stringify({ dl }), order('config.json'))) as { dl: string }
    expect(config.dl).toBe(place)
  })

  test('asks for credentials where the client came with some, and nowhere else', async () => {
    const config = JSON.stringify({ dl: STORAGE, 'auth-required': true, other: 1 })
    const dl = GATE.slice(0, -1)
    expect(JSON.parse(await given(config, order('config.json')))).toEqual({
      dl,
      other: 1,
      'auth-required': true,
    })
    const open = order('config.json', { openUrl: () => GATE })
    expect(JSON.parse(await given(config, open))).toEqual({ dl, other: 1 })
    expect(JSON.parse(await given('{"dl":"http://x.example.com/c"}', order('index/config.json')))).toEqual({
      dl: `${GATE}c`,
      'auth-required': true,
    })
  })

  test.each(['{}', '[]', 'null', '{"dl":1}', '{"dl":"ftp://x.example.com/y"}', 'dl'])(
    'is refused when it is %s',
    async (config) => {
      expect(await refusalOf(rewriting(config).deliverer, order('config.json'))).toBe('upstream_failed')
    },
  )
})

describe('the index of a crate', () => {
  test('has only the lines of versions that the client may fetch, byte for byte', async () => {
    const asked = order('ac/me/acme_tool', only('1.0.0', '2.0.0-rc.1'))
    expect(await given(LINES.join(''), asked)).toBe(`${LINES[0]}${LINES[2]}`)
  })

  test('goes as it is to who may fetch everything, as it was asked for', async () => {
    const { deliverer, storage } = rewriting(LINES.join(''))
    const asked = order('ac/me/acme_tool', { headers: { 'if-none-match': '"1"' } })
    expect((await deliver(deliverer, asked)).content.toString()).toBe(LINES.join(''))
    expect(storage.orders[0]).toBe(asked)
  })

  test('is refused when nothing is left of it, and when it is none', async () => {
    const asked = order('ac/me/acme_tool', only('9.0.0'))
    expect(await refusalOf(rewriting(LINES.join('')).deliverer, asked)).toBe('package_not_covered')
    expect(await refusalOf(rewriting('<html>').deliverer, asked)).toBe('upstream_failed')
    expect(await given('', asked)).toBe('')
  })

  test('of any length is cut down with others running in between', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const text = Array.from({ length: 60_000 }, (_, i) => `{"name":"acme-tool","vers":"1.0.${i}"}\n`).join('')
    const kept = await given(text, order('ac/me/acme-tool', only('1.0.7', '1.0.59999')))
    clearInterval(timer)
    expect(kept.trim().split('\n')).toHaveLength(2)
    expect(turns).toBeGreaterThan(3)
  })
})

test('crates are not touched', async () => {
  expect(await given('bytes', order('acme_tool/1.0.0/download', only('1.0.0')))).toBe('bytes')
})
