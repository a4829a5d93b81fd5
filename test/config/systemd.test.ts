import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, temporaryDirectory, type Finished, type TemporaryDirectory } from '../support/processes.ts'

const UNITS = join(import.meta.dirname, '../../config/systemd')
/** Of 100. Without any hardening it is 96; what is left is the network, and that V8 makes code. */
const MOST_EXPOSURE = 20

let folder: TemporaryDirectory

beforeAll(async () => {
  folder = await temporaryDirectory('units')
  for (const name of readdirSync(UNITS)) copyFileSync(join(UNITS, name), join(folder.path, name))
  // Its command need not be installed here.
  const service = join(folder.path, 'postern.service')
  const text = readFileSync(service, 'utf8')
  writeFileSync(service, text.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`))
})
afterAll(async () => folder?.remove())

/** Needs the Debian package systemd, not a running systemd. */
async function analyze(...args: string[]): Promise<Finished> {
  const finished = await run('systemd-analyze', args).catch((error: unknown) => error)
  if (finished instanceof Error)
    throw new Error('systemd-analyze is missing: apt-get install systemd', { cause: finished })
  return finished as Finished
}

test('systemd understands every line of the units', async () => {
  const files = readdirSync(folder.path).map((name) => join(folder.path, name))
  expect(await analyze('verify', '--man=no', ...files)).toMatchObject({ code: 0, output: '' })
})

test('the service may do little', async () => {
  const { code, output } = await analyze(
    'security',
    '--offline=true',
    '--no-pager',
    `--threshold=${MOST_EXPOSURE}`,
    join(folder.path, 'postern.service'),
  )
  expect(output).toMatch(/Overall exposure level for postern\.service: \d/)
  expect(code).toBe(0)
})

test('it runs the command that there is, and lets it hear of a reload', () => {
  const text = readFileSync(join(UNITS, 'postern.service'), 'utf8')
  const { bin } = JSON.parse(readFileSync(join(UNITS, '../../package.json'), 'utf8')) as { bin: object }
  expect(Object.keys(bin)).toEqual(['postern'])
  expect(text).toMatch(/^ExecStart=\/usr\/bin\/postern serve --config \S+$/m)
  expect(text).toMatch(/^ExecReload=\/bin\/kill -HUP \$MAINPID$/m)
})
