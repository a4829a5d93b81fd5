import { describe, expect, test } from 'vitest'
import type { DeliveryOrder } from '../../../src/deliver/contract.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver, orderFor, refusalOf } from '../orders.ts'
import { fixedStorage } from './documents.ts'
import { rewritingOf } from './rewriter-of.ts'

const STORAGE = 'https://pub.example.com/root/'
const GATE = 'https://dl.example.com/SECRET/acme/dart/'

function order(path: string, versions?: readonly string[]): DeliveryOrder {
  const { recognize } = FORMAT_RULES.dart
  const includes = versions && ((asked: string) => versions.includes(recognize(asked).version ?? ''))
  return orderFor('', { artifact: recognize(path), includes, baseUrl: GATE })
}

const failures: string[] = []

function rewriting(content: string): ReturnType<typeof rewritingOf> {
  const storage = fixedStorage(content, ['content-type', 'application/vnd.pub.v2+json'])
  return rewritingOf('dart', storage.deliverer, STORAGE, {
    onFailure: ({ message }) => failures.push(message),
  })
}

async function given(content: string, asked: DeliveryOrder): Promise<unknown> {
  return JSON.parse((await deliver(rewriting(content), asked)).content.toString())
}

function entry(version: string, url = `${STORAGE}archives/acme-${version}.tar.gz`): object {
  return {
    version,
    archive_url: url,
    archive_sha256: 'ab',
    pubspec: { name: 'acme', version, archive_url: url },
  }
}

function documentOf(latest: string, ...versions: readonly string[]): string {
  return JSON.stringify({
    name: 'acme',
    latest: entry(latest),
    versions: versions.map((each) => entry(each)),
  })
}

const changed = (version: string): object => ({
  ...entry(version),
  archive_url: `${GATE}archives/acme-${version}.tar.gz`,
})

describe('what a repository says of a package', () => {
  test('names archives below the way in, and nothing else changes', async () => {
    const whole = documentOf('2.0.0', '1.0.0', '2.0.0', '2.1.0-dev')
    expect(await given(whole, order('api/packages/acme'))).toEqual({
      name: 'acme',
      latest: changed('2.0.0'),
      versions: [changed('1.0.0'), changed('2.0.0'), changed('2.1.0-dev')],
    })
  })

  test('names only versions that the client may fetch; the latest is the highest release among them', async () => {
    const whole = documentOf('2.0.0', '1.9.0', '1.10.0', '2.0.0', '1.11.0-dev')
    const asked = order('api/packages/acme', ['1.9.0', '1.10.0', '1.11.0-dev'])
    expect(await given(whole, asked)).toEqual({
      name: 'acme',
      latest: changed('1.10.0'),
      versions: [changed('1.9.0'), changed('1.10.0'), changed('1.11.0-dev')],
    })
  })

  test('of one version names its archive', async () => {
    const path = 'api/packages/acme/versions/1.0.0'
    expect(await given(JSON.stringify(entry('1.0.0')), order(path))).toEqual(changed('1.0.0'))
    const asked = order(path, ['2.0.0'])
    expect(await refusalOf(rewriting(JSON.stringify(entry('1.0.0'))), asked)).toBe('package_not_covered')
  })

  test('leads nobody past the gate: URLs of other hosts keep their path, what is no URL of the web is left out', async () => {
    const foreign = entry('1.0.0', 'https://cdn.example.net/archives/acme-1.0.0.tar.gz')
    const whole = JSON.stringify({
      latest: foreign,
      versions: [foreign, entry('2.0.0', 'file:///etc/passwd')],
    })
    const text = JSON.stringify(await given(whole, order('api/packages/acme')))
    expect(text).toContain(`"archive_url":"${GATE}archives/acme-1.0.0.tar.gz","archive_sha256"`)
    expect(text).not.toContain('2.0.0')
  })

  test('is refused when nothing is left, or when it is built otherwise', async () => {
    expect(await refusalOf(rewriting(documentOf('1.0.0', '1.0.0')), order('api/packages/acme', []))).toBe(
      'package_not_covered',
    )
    for (const odd of [
      '[]',
      '{"versions":{}}',
      '{"versions":["x"]}',
      '{"latest":1,"versions":[]}',
      '{"versions":',
    ])
      expect(await refusalOf(rewriting(odd), order('api/packages/acme'))).toBe('upstream_failed')
    const twice = `{"versions":[{"version":"1.0.0","archive_url":"${STORAGE}a","archive_url":"https://cdn.example.net/b"}]}`
    expect(await refusalOf(rewriting(twice), order('api/packages/acme'))).toBe('upstream_failed')
    expect(failures.at(-1)).toMatch(/two archives/)
  })
})
