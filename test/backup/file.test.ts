import * as fc from 'fast-check'
import { hash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BackupError, type BackupErrorCode } from '../../src/backup/format.ts'
import { verifyBackup, type Verified } from '../../src/backup/read-backup.ts'
import { createSecretKeeper } from '../../src/store/secret-keeper.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'
import { newName } from '../store/conformance/fixtures.ts'
import { writeManyTokens } from './many-tokens.ts'
import { restore, SERVER_KEY, sqlitePlace } from './places.ts'

let folder: TemporaryDirectory
let whole: Buffer
beforeAll(async () => {
  folder = await temporaryDirectory('backup-file')
  const file = join(folder.path, 'whole.gz')
  await writeManyTokens(file, 20)
  whole = await readFile(file)
})
afterAll(() => folder.remove())

async function verify(bytes: Buffer, serverKey: string | null = SERVER_KEY): Promise<Verified> {
  const file = join(folder.path, newName())
  await writeFile(file, bytes)
  const digest = serverKey === null ? undefined : createSecretKeeper(serverKey, randomBytes).digest
  const signal = new AbortController().signal
  return verifyBackup({ file, digest, onProgress: () => undefined, signal })
}

async function failureOf(work: Promise<unknown>): Promise<BackupErrorCode | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof BackupError) return error.code
    throw error
  }
}

/** The same file with other lines; its checksums are as they were. */
function rewritten(change: (lines: string[]) => string[]): Buffer {
  return gzipSync(change(gunzipSync(whole).toString().trimEnd().split('\n')).join('\n') + '\n')
}

describe('a backup file', () => {
  test('is found whole, and tells what is in it', async () => {
    const { header, records, total, bytes } = await verify(whole)
    expect({ records, total, bytes }).toEqual({
      records: { token: 20, account: 20, bucket: 40, package: 20, downloader: 20, audit: 20 },
      total: 140,
      bytes: whole.length,
    })
    expect(header).toMatchObject({ type: 'postern-backup', format: 1, postern: '1.2.3', store: 'sqlite' })
  })

  test('holds neither the server key nor anything that is made of it but digests', () => {
    expect(gunzipSync(whole).toString()).not.toContain(SERVER_KEY)
  })

  test('is refused wherever it is cut off', async () => {
    const lengths = fc.integer({ min: 0, max: whole.length - 1 })
    const property = fc.asyncProperty(lengths, async (length) => {
      expect(await failureOf(verify(whole.subarray(0, length)))).toBe('damaged')
    })
    await fc.assert(property, { numRuns: 100 })
  })

  test('is refused whatever bit is another, unless it says the same', async () => {
    const bits = fc.integer({ min: 0, max: whole.length * 8 - 1 })
    const text = gunzipSync(whole)
    const property = fc.asyncProperty(bits, async (bit) => {
      const bytes = Buffer.from(whole)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const failure = await failureOf(verify(bytes))
      // The header of gzip has bits that mean nothing: a time, a system. Another number of the version is another version.
      const isHarmless = failure === undefined && gunzipSync(bytes).equals(text)
      expect(isHarmless ? 'harmless' : failure).toMatch(/^(harmless|damaged|newer)$/)
    })
    await fc.assert(property, { numRuns: 200 })
  })

  test('is refused when its lines were changed, taken out, added or put in another order', async () => {
    const changes: ((lines: string[]) => string[])[] = [
      (lines) => lines.map((line) => line.replace('"downloads":3', '"downloads":2')),
      (lines) => lines.toSpliced(3, 1),
      (lines) => lines.toSpliced(3, 0, lines[3] ?? ''),
      (lines) => [...lines.slice(0, 1), ...lines.slice(1, -1).toReversed(), ...lines.slice(-1)],
      (lines) => [...lines, lines[1] ?? ''],
      (lines) => lines.slice(0, -1),
      (lines) => lines.map((line) => line.replace('"kind":"token"', '"kind":"tokens"')),
    ]
    for (const change of changes) expect(await failureOf(verify(rewritten(change)))).toBe('damaged')
  })

  test('is refused when somebody made the checksum fit who does not have the key', async () => {
    const forged = rewritten((lines) => {
      const body = lines
        .slice(0, -1)
        .map((line) => line.replace('"limitDownloads":10', '"limitDownloads":99'))
      const sha256 = hash('sha256', body.map((line) => `${line}\n`).join(''))
      return [...body, JSON.stringify({ ...JSON.parse(lines.at(-1) ?? ''), sha256 })]
    })
    expect(await failureOf(verify(forged))).toBe('damaged')
    await expect(verify(forged)).rejects.toThrow(/altered by somebody/)
    // Without the key nobody can tell.
    expect(await failureOf(verify(forged, null))).toBeUndefined()
  })

  test('of another server key is refused, with what to do', async () => {
    const other = verify(whole, 'another key that is long enough, too')
    await expect(other).rejects.toThrow(/secret_key/)
    expect(await failureOf(other)).toBe('key')
  })

  test('of a newer version is refused, with its name', async () => {
    const newer = rewritten(([header = '', ...lines]) => [
      header.replace('"format":1', '"format":2').replace('1.2.3', '9.9.9'),
      ...lines,
    ])
    expect(await failureOf(verify(newer))).toBe('newer')
    await expect(verify(newer)).rejects.toThrow(/9\.9\.9/)
  })

  test('that is something else is refused', async () => {
    expect(await failureOf(verify(Buffer.from('PK\u0003\u0004 a zip')))).toBe('damaged')
    expect(await failureOf(verify(gzipSync('{"some":"json"}\n')))).toBe('damaged')
    expect(await failureOf(verify(gzipSync('no json\n')))).toBe('damaged')
    expect(await failureOf(verify(gzipSync('')))).toBe('damaged')
  })

  test('that is refused changes nothing in the store', async () => {
    const place = sqlitePlace(folder.path)
    const file = join(folder.path, newName())
    await writeFile(file, whole.subarray(0, -30))
    await expect(restore(place, file)).rejects.toThrow(/cut off/)
    const store = await place.open()
    expect(await store.keys.count()).toBe(0)
    await store.close()
  })
})
