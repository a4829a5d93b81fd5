import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { launchChromium } from '../support/browser.ts'
import {
  cleanEnvironment,
  freePort,
  runOrFail,
  startOnFreePort,
  startServer,
  temporaryDirectory,
} from '../support/processes.ts'
import { DESKTOP } from './console.ts'

const ROOT = join(import.meta.dirname, '../..')
const START_MS = 60_000

/** What `npm start` starts, with its files and ports moved aside. */
async function startDemo(folder: string, port: number, adminPort: number) {
  await cp(join(ROOT, 'config'), join(folder, 'config'), {
    recursive: true,
    filter: (path) => !path.endsWith('/config/data'),
  })
  const config = await readFile(join(ROOT, 'config/postern.yaml'), 'utf8')
  const file = join(folder, 'config/postern.yaml')
  await writeFile(file, config.replaceAll(':8080', `:${port}`).replaceAll(':8081', `:${adminPort}`))
  const main = join(ROOT, 'src/main.ts')
  return startServer(process.execPath, [main, 'serve', '--config', file, '--demo'], {
    cwd: folder,
    env: cleanEnvironment(),
    isReady: (output) => output().includes('/console/') && output().includes('POSTERN_API_KEY='),
    timeoutMs: START_MS,
  })
}

test('a newcomer signs in as the demo prints it, and sees a download by the line shown on the chart', async () => {
  await using folder = await temporaryDirectory('newcomer')
  await using demo = await startOnFreePort(async (port) => startDemo(folder.path, port, await freePort()))
  const [, key = ''] = /POSTERN_API_KEY=(\S+)/.exec(demo.output()) ?? []
  const [url = ''] = /http:\S+\/console\//.exec(demo.output()) ?? []
  await using browser = await launchChromium()
  const context = await browser.newContext({
    viewport: DESKTOP,
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByLabel('Key of the management API').fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()

  await page.getByRole('link', { name: 'Tokens', exact: true }).click()
  await page.getByRole('link', { name: 'New token' }).click()
  await page.getByLabel('Made in').selectOption('acme/files')
  await page.getByLabel('Name', { exact: true }).fill('My first customer')
  await page.getByLabel('Most downloads', { exact: true }).fill('2')
  await page.getByLabel('Most clients', { exact: true }).fill('1')
  await page.getByRole('button', { name: 'Make the token' }).click()
  await page.getByRole('link', { name: 'Open the token' }).click()
  await page.getByText('0 of 2', { exact: true }).waitFor()
  await page.getByLabel('How', { exact: true }).selectOption('Secret in the address')
  await page.getByRole('button', { name: 'Copy Run, with the secret' }).click()
  await page.getByText(/^Copied: Run/).waitFor()
  const line = await page.evaluate<string>('navigator.clipboard.readText()')
  await using downloads = await temporaryDirectory('downloads')
  await runOrFail('sh', ['-c', line], { cwd: downloads.path })
  expect(await readdir(downloads.path)).toEqual(['tool-1.0.tar.gz'])

  await expect
    .poll(async () => {
      await page.reload()
      await page.getByText(/downloads? in all/).waitFor()
      return page.locator('.total strong').textContent()
    })
    .toBe('1')
  await page.getByText('1 of 2', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Postern' }).click()
  await page.getByRole('table', { name: 'Most downloads' }).getByText('My first customer').waitFor()
})
