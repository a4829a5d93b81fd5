import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'postern-database-'))
afterAll(() => rmSync(folder, { recursive: true }))

const OPENER = new URL('opener.ts', import.meta.url).pathname

test('many processes may make one new database at the same moment', { timeout: 60_000 }, async () => {
  const values = [OPENER, join(folder, 'new'), '20', String(Date.now() + 1_500)]
  const run = promisify(execFile)
  const outputs = await Promise.all(
    Array.from({ length: 5 }, () =>
      run(process.execPath, values, { env: { ...process.env, NODE_NO_WARNINGS: '1' } }),
    ),
  )
  expect(outputs.map(({ stderr }) => stderr)).toEqual(Array.from({ length: 5 }, () => ''))
})
