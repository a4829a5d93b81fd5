import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBoundlessStorage } from '../../support/boundless-storage.ts'
import { launchChromium } from '../../support/browser.ts'
import { startGate, type Gate } from '../../support/gate.ts'

/** Names of every kind on the customer's page are text, and never wider than a phone. */

const TURNED = '\u202e'
const PACKAGES = [
  '<img src=x onerror=alert(1)>-1.0.txt',
  `${TURNED}txt.exe 'quoted" שלום-1.0.txt`,
  'p'.repeat(10_000),
]
const NAME = `</title><script>alert(2)</script> ${'n'.repeat(70)}`

const resources = new AsyncDisposableStack()
let gate: Gate
let browser: Browser
let url = ''

beforeAll(async () => {
  const { url: upstream } = resources.use(await startBoundlessStorage())
  const page = { name: NAME, contact: `<b>${'c'.repeat(80)}` }
  const repository = { format: 'raw', upstream, page } as const
  gate = resources.use(
    await startGate({
      config: {
        client: { max_url_length: 65_536, max_header_size: '64KiB' },
        repositories: { 'acme/far': repository },
      },
    }),
  )
  browser = await launchChromium()
  resources.defer(() => browser.close())
  const { token } = await gate.createToken('acme/far')
  url = `${gate.url}/${token}/acme/far/`
  for (const file of PACKAGES) await (await fetch(url + encodeURIComponent(file))).arrayBuffer()
})

afterAll(() => resources.disposeAsync())

test.each([320, 390, 1280])('in a window of %i pixels', async (width) => {
  const context = await browser.newContext({ viewport: { width, height: 800 } })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('dialog', (dialog) => complaints.push(dialog.message()))
  await page.goto(url)
  const table = page.getByRole('table').filter({ hasText: 'What can be fetched here' })
  await expect
    .poll(async () => {
      await page.reload()
      return (await table.getByRole('rowheader').allTextContents()).toSorted()
    })
    .toEqual(PACKAGES.toSorted())
  expect(await page.title()).toBe(NAME)
  expect(await page.locator('body img, main script, main b').count()).toBe(0)
  expect(
    await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
  ).toBe(0)
  expect(complaints).toEqual([])
  await context.close()
})
