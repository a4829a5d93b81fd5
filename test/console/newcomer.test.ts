import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { launchChromium } from '../support/browser.ts'
import { cleanEnvironment, freePort, startServer, temporaryDirectory } from '../support/processes.ts'
import { DESKTOP } from './console.ts'

const ROOT = join(import.meta.dirname, '../..')
const START_MS = 60_000

/** What `npm start` starts, with its files and ports moved aside. */
async function startDemo(folder: string, port: number, adminPort: number) {
  await cp(join(ROOT, 'config'), join(folder, 'config'), {
    recursive: true,
    filter: (path) => !path.endsWith('/config/data'),
  })
  const file = join(folder, 'config/postern.yaml')
  const config = await readFile(file, 'utf8')
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
  await using demo = await startDemo(folder.path, await freePort(), await freePort())
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

  const made = await fetch(new URL('/entitlements/acme/files/', url), {
    method: 'POST',
    headers: { 'X-Api-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'My first customer', limit_num_downloads: 2, limit_num_clients: 1 }),
  })
  expect(made.status).toBe(201)
  await page.getByRole('link', { name: 'Tokens', exact: true }).click()
  await page.getByRole('link', { name: 'My first customer' }).click()
  await page.getByText('0 of 2', { exact: true }).waitFor()
  await page.getByLabel('How', { exact: true }).selectOption('Secret in the address')
  await page.getByRole('button', { name: 'Copy Run, with the secret' }).click()
  await page.getByText(/^Copied: Run/).waitFor()
  const line = await page.evaluate<string>('navigator.clipboard.readText()')
  const file = line.replace(/^curl -fO /, '').replace('tool-1.0.tar.gz', 'tools/hello-2.0.txt')
  expect((await fetch(file)).status).toBe(200)

  await expect
    .poll(async () => {
      await page.reload()
      await page.getByText('downloads in all').waitFor()
      return page.locator('.total strong').textContent()
    })
    .toBe('1')
  await page.getByText('1 of 2', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Postern' }).click()
  await page.getByRole('table', { name: 'Most downloads' }).getByText('My first customer').waitFor()
})
