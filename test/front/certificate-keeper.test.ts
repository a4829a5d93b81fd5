import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { readCertificate } from '../../src/config/certificate.ts'
import { createCertificateKeeper, type CertificateKeeper } from '../../src/front/certificate-keeper.ts'
import { makeCertificate, type CertificatePair } from '../support/certificates.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'

const SOON = { timeout: 30_000 }

let folder: TemporaryDirectory
let pairs: readonly CertificatePair[]
let used: CertificatePair
let told: string[]
let count = 0

beforeAll(async () => {
  folder = await temporaryDirectory('keeper')
  pairs = ['one', 'two'].map((name) => makeCertificate(folder.path, name, [`${name}.test`]))
})
afterAll(async () => folder?.remove())
beforeEach(() => {
  told = []
  const name = `used-${count++}`
  used = { cert: join(folder.path, `${name}.pem`), key: join(folder.path, `${name}.key`) }
  put(0)
})

/** Puts one of the certificates where the keeper looks. */
function put(which: 0 | 1, parts: readonly ('cert' | 'key')[] = ['cert', 'key']): void {
  for (const part of parts) copyFileSync(pairs[which]?.[part] ?? '', used[part])
}

/** What is there when a file is written, but not to its end. */
function half(part: 'cert' | 'key'): Buffer {
  const whole = readFileSync(pairs[1]?.[part] ?? '')
  return whole.subarray(0, whole.length / 2)
}

function keep(files: readonly CertificatePair[] = [used], now = Date.now()): CertificateKeeper {
  const keeper = createCertificateKeeper({
    files,
    minVersion: 'TLSv1.2',
    read: readCertificate,
    clock: () => now,
    lookMs: 25,
    onReplaced: (label) => told.push(`replaced by ${label}`),
    onFailure: (label, why) => told.push(`${label}: ${why}`),
  })
  onTestFinished(keeper.stop)
  keeper.watch()
  return keeper
}

const serving = (keeper: CertificateKeeper): string => keeper.current().first.label

test('a certificate is replaced when its files are', async () => {
  const keeper = keep()
  expect(serving(keeper)).toBe('one.test')
  put(1)
  await expect.poll(() => serving(keeper), SOON).toBe('two.test')
  expect(told).toEqual(['replaced by two.test'])
  expect(keeper.figures()).toMatchObject([{ label: 'two.test', isStale: false }])
})

test('also when a folder is swapped by a link, as volumes of containers are', async () => {
  const link = join(folder.path, `link-${count}`)
  const moved = { cert: `${link}/cert`, key: `${link}/key` }
  const at = (which: number): string => join(folder.path, `version-${which}-${count}`)
  for (const which of [0, 1]) {
    mkdirSync(at(which))
    for (const part of ['cert', 'key'] as const)
      copyFileSync(pairs[which]?.[part] ?? '', join(at(which), part))
  }
  symlinkSync(at(0), link)
  const keeper = keep([moved])
  rmSync(link)
  symlinkSync(at(1), link)
  await expect.poll(() => serving(keeper), SOON).toBe('two.test')
})

test.each<[string, () => void]>([
  ['is no certificate', () => writeFileSync(used.cert, 'nonsense')],
  ['is gone', () => rmSync(used.cert)],
  ['has a key of another one', () => put(1, ['key'])],
  ['is empty', () => writeFileSync(used.key, '')],
  ['is half of a certificate', () => writeFileSync(used.cert, half('cert'))],
  ['is half of a key', () => writeFileSync(used.key, half('key'))],
  ['breaks off in the chain behind the certificate', () => appendFileSync(used.cert, half('cert'))],
])('what %s is told of once, and the old one stays', async (_, spoil) => {
  const keeper = keep()
  spoil()
  await expect.poll(() => told, SOON).toHaveLength(1)
  expect(told[0]).toMatch(/^one\.test: .*used-\d+\.(?:pem|key)/)
  expect(serving(keeper)).toBe('one.test')
  expect(keeper.figures()).toMatchObject([{ label: 'one.test', isStale: true }])
  put(1)
  await expect.poll(() => serving(keeper), SOON).toBe('two.test')
  expect(keeper.figures()).toMatchObject([{ isStale: false }])
  expect(told).toHaveLength(2)
})

test('files that are being written are left alone until they are whole', async () => {
  const keeper = keep()
  for (const part of ['key', 'cert'] as const) {
    const whole = readFileSync(pairs[1]?.[part] ?? '')
    writeFileSync(used[part], '')
    await new Promise<void>((resolve) => {
      let at = 0
      const writing = setInterval(() => {
        appendFileSync(used[part], whole.subarray(at, (at += 40)))
        if (at < whole.length) return
        clearInterval(writing)
        resolve()
      }, 2)
    })
  }
  await expect.poll(() => serving(keeper), SOON).toBe('two.test')
  expect(told).toEqual(['replaced by two.test'])
})

test('a new certificate that has expired does not take the place of the old one', async () => {
  const keeper = keep([used], Date.now() + 40 * 86_400_000)
  put(1)
  await expect.poll(() => told, SOON).toEqual([expect.stringMatching(/one\.test: .* has expired/)])
  expect(serving(keeper)).toBe('one.test')
})

test('other files take effect at once, and what can not be read among them is left out', () => {
  const keeper = keep()
  keeper.use([{ cert: '/nowhere', key: '/nowhere' }, pairs[1] ?? used])
  expect(serving(keeper)).toBe('two.test')
  expect(told).toEqual([expect.stringContaining('/nowhere')])
  keeper.use([{ cert: '/nowhere', key: '/nowhere' }])
  expect(serving(keeper)).toBe('two.test')
})

test('files that have not changed are nothing to tell of', () => {
  const keeper = keep()
  keeper.use([used])
  expect(told).toEqual([])
})

test('it does not begin without a certificate', () => {
  expect(() => keep([{ cert: '/nowhere', key: '/nowhere' }])).toThrow(
    /can't be used: \/nowhere can't be read/,
  )
})
