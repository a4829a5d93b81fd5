import { randomInt } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../support/processes.ts'
import { startRedis } from '../support/redis.ts'
import { proveExactness } from './model/prove.ts'

/** What a failure names; POSTERN_TEST_SEED makes the same load again. */
const SEED = Number(process.env['POSTERN_TEST_SEED'] ?? randomInt(2 ** 31))
const REQUESTS = 20_000
const LONGEST_MS = 400_000

describe.runIf(process.platform === 'linux')(`two hosts of two workers each (seed ${SEED})`, () => {
  test(
    'on one Redis count 20,000 requests as the rules say, and exceed no limit at any moment',
    async (context) => {
      await using redis = await startRedis({ settings: { appendonly: 'yes', appendfsync: 'everysec' } })
      const proof = await proveExactness(`redis://127.0.0.1:${redis.port}`, SEED, REQUESTS)
      expect(proof.requests).toBeGreaterThanOrEqual(REQUESTS)
      await context.annotate(JSON.stringify(proof))
    },
    LONGEST_MS,
  )

  test(
    'on one SQLite file do the same',
    async (context) => {
      await using directory = await temporaryDirectory('model')
      const proof = await proveExactness(`sqlite:${directory.path}/shared.db`, SEED, REQUESTS)
      expect(proof.requests).toBeGreaterThanOrEqual(REQUESTS)
      await context.annotate(JSON.stringify(proof))
    },
    LONGEST_MS,
  )
})
