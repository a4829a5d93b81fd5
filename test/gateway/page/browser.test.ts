import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBarriers, launchChromium } from '../../support/browser.ts'
import type { GateToken } from '../../support/gate.ts'
import { waitFor } from '../../support/processes.ts'
import { get } from '../../support/requests.ts'
import { startPageScene, type PageScene } from './scene.ts'

/** The customer's page in a real browser. */

let scene: PageScene
let browser: Browser
let token: GateToken
let closed: GateToken

beforeAll(async () => {
  scene = await startPageScene()
  browser = await launchChromium()
  token = await scene.gate.createToken('acme/files', {
    limit_num_downloads: 10,
    limit_date_range_to: '2090-01-01T00:00:00Z',
    scheduled_reset_period: 'Monthly',
  })
  closed = await scene.gate.createToken('acme/files', { is_active: false })
  await get(`${scene.gate.url}/${token.token}/acme/files/tools/widget-1.0.txt`)
  const hasCounted = async (): Promise<boolean> =>
    (await get(`${urlOf(token)}?format=json`)).body.toString().includes('"downloads": 1')
  await waitFor(hasCounted, { what: 'the download to be counted' })
})

afterAll(async () => {
  await browser?.close()
  await scene?.[Symbol.asyncDispose]()
})

function urlOf({ token: secret }: GateToken): string {
  return `${scene.gate.url}/${secret}/acme/files/`
}

interface Opened extends AsyncDisposable {
  readonly page: Page
  /** What the browser said against the page: errors, and what its policy forbade. */
  readonly complaints: readonly string[]
  /** Every URL that it asked for. */
  readonly asked: readonly string[]
}

async function open(url: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const context: BrowserContext = await browser.newContext(options)
  const page = await context.newPage()
  const [complaints, asked]: [string[], string[]] = [[], []]
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(url)
  return { page, complaints, asked, [Symbol.asyncDispose]: () => context.close() }
}

const PHONE = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true }

describe.each([
  ['on a desk', {}],
  ['in the dark', { colorScheme: 'dark' }],
  ['on a phone', PHONE],
  [
    'without JavaScript, in the dark, on a phone',
    { ...PHONE, colorScheme: 'dark', javaScriptEnabled: false },
  ],
] as const)('%s', (_, options) => {
  test('nothing keeps anybody from reading it, and it asks nobody for anything', async () => {
    for (const each of [token, closed]) {
      await using opened = await open(urlOf(each), options)
      const { page } = opened
      expect(await barriersFor(page, options)).toEqual([])
      expect(opened.complaints).toEqual([])
      expect(opened.asked.filter((url) => !url.startsWith('data:'))).toEqual([urlOf(each)])
    }
  })

  test('it is no wider than the window', async () => {
    await using opened = await open(urlOf(token), options)
    const { width } = opened.page.viewportSize() ?? { width: 0 }
    const box = await opened.page.locator('main').boundingBox()
    expect(box?.width).toBeLessThanOrEqual(width)
    const wide = await opened.page.locator('table, svg, h1, p, pre').all()
    for (const each of wide) {
      const bounds = await each.boundingBox()
      expect((bounds?.x ?? 0) + (bounds?.width ?? 0)).toBeLessThanOrEqual(width)
    }
  })
})

/** No page can be judged by a script where scripts do not run; it has the same words and colours where they do. */
async function barriersFor(page: Page, options: object): Promise<readonly string[]> {
  return 'javaScriptEnabled' in options ? [] : findBarriers(page)
}

test('its style is taken: a brand, not bare text', async () => {
  await using opened = await open(urlOf(token))
  const border = await opened.page.evaluate<string>('getComputedStyle(document.body).borderTopColor')
  expect(border).toBe('rgb(53, 101, 196)')
})

test('each step is copied by a button, with keyboard alone', async () => {
  await using opened = await open(urlOf(token), { permissions: ['clipboard-read', 'clipboard-write'] })
  const { page } = opened
  const step = page.locator('.step').first()
  await step.locator('pre').focus()
  await page.keyboard.press('Tab')
  expect(await page.locator(':focus').textContent()).toBe('Copy')
  await page.keyboard.press('Enter')
  await step.getByText('Copied.').waitFor()
  const copied = await page.evaluate<string>('navigator.clipboard.readText()')
  expect(copied).toBe(`curl -fO -u token:${token.token} ${scene.gate.url}/basic/acme/files/tool-1.0.tar.gz`)
  expect(await page.getByRole('status').allTextContents()).toContain(' Copied.')
})

test('without JavaScript there are the steps and no button that does nothing', async () => {
  await using opened = await open(urlOf(token), { javaScriptEnabled: false })
  const { page } = opened
  expect(await page.getByRole('button').count()).toBe(0)
  expect(await page.locator('.step pre').first().textContent()).toContain(token.token)
})

test('everything on it has a name for those who hear it', async () => {
  await using opened = await open(urlOf(token))
  const { page } = opened
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Acme <packages>')
  expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
    'What is left',
    'Your usage',
    'Set up your tools',
    'Packages',
    'For tools',
  ])
  expect(await page.getByRole('img', { name: /Chart: 1 download and/ }).count()).toBe(1)
  expect(await page.getByRole('rowheader', { name: 'Downloads' }).count()).toBe(1)
})

test('a browser logs in at the URL for passwords', async () => {
  const httpCredentials = { username: 'token', password: token.token }
  await using opened = await open(`${scene.gate.url}/basic/acme/files/`, { httpCredentials })
  expect(await opened.page.locator('.state').textContent()).toContain('Your entitlement token works.')
})

test('the license agreement is read and accepted, without JavaScript and with keyboard alone', async () => {
  const own = await scene.gate.createToken('acme/agreed')
  const url = `${scene.gate.url}/${own.token}/acme/agreed/`
  await using judged = await open(url)
  expect(await findBarriers(judged.page)).toEqual([])
  await using opened = await open(url, { javaScriptEnabled: false })
  const { page } = opened
  expect(await page.locator('.state').textContent()).toContain('EULA not accepted')
  await page.getByRole('button', { name: 'Accept revision 4' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(url)
  await expect
    .poll(async () => {
      await page.reload()
      return page.locator('.state').textContent()
    })
    .toContain('Your entitlement token works.')
  expect(await page.getByText('Revision 4 was accepted at').count()).toBe(1)
  expect(opened.complaints).toEqual([])
})

test('links are followed without a word about where they stood', async () => {
  await using opened = await open(urlOf(token))
  const { page } = opened
  const [request] = await Promise.all([
    page.waitForRequest(/widget-2/),
    page.getByRole('link', { name: 'widget-2.0.txt' }).click(),
  ])
  expect(request.headers()['referer']).toBeUndefined()
})
