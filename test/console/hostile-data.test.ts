import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBoundlessStorage } from '../support/boundless-storage.ts'
import { DESKTOP, excessWidth, PHONE, useConsole } from './console.ts'

const storage = await startBoundlessStorage()
afterAll(() => storage[Symbol.asyncDispose]())

const console = useConsole('SQLite', {
  repositories: { 'acme/far': { format: 'raw', upstream: storage.url } },
  config: { client: { max_url_length: 65_536, max_header_size: '64KiB' } },
})

const RIGHT_TO_LEFT = '\u202e'
const NAMES = [
  '<img src=x onerror=alert(1)><script>alert(2)</script>',
  `"'\`&lt;&quot;</bdi></td></tr></table><h1>`,
  `${RIGHT_TO_LEFT}evitca era snekot ruoY`,
  'שלום עולם and العربية',
  'x'.repeat(200),
  'javascript:alert(3)',
]
const AGENT = '<svg onload=alert(4)>'.repeat(500)
/** Names of packages: files at the root of a storage. */
const PACKAGES = [
  '<img src=x onerror=alert(7)>-1.0.txt',
  `${RIGHT_TO_LEFT}txt.exe 'quoted" שלום-1.0.txt`,
  'p'.repeat(10_000),
]

interface Made {
  readonly name: string
  readonly id: string
}

let made: readonly Made[] = []

beforeAll(async () => {
  const all: Made[] = []
  for (const name of NAMES) {
    const token = await console.gate.createToken('acme/files', {
      name,
      repositories: ['acme/*'],
      metadata: { note: `${name} ${'y'.repeat(10_000)}`, '<b>key</b>': ['</pre><script>alert(5)</script>'] },
    })
    const url = `${console.gate.url}/${token.token}/acme/files/tools/hello-1.0.txt`
    await (await fetch(url, { headers: { 'User-Agent': AGENT } })).arrayBuffer()
    for (const file of PACKAGES) {
      const far = `${console.gate.url}/${token.token}/acme/far/${encodeURIComponent(file)}`
      await (await fetch(far, { headers: { 'User-Agent': AGENT } })).arrayBuffer()
    }
    await console.recorded(token.slug_perm, 1)
    all.push({ name, id: token.slug_perm })
  }
  made = all
})

test.each([
  ['a phone', PHONE],
  ['a desktop', DESKTOP],
])(
  'names full of markup are text in the list, and the layout stays whole on %s',
  async (_screen, viewport) => {
    await using tab = await console.openTab({ viewport })
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens')
    await page.getByText(`${NAMES.length} tokens`).waitFor()
    const shown = await page.locator('.name-link bdi').allTextContents()
    expect(shown.toSorted()).toEqual(NAMES.toSorted())
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(await excessWidth(page)).toBe(0)
    expect(tab.faults).toEqual([])
  },
)

test.each([
  ['a phone', PHONE],
  ['a desktop', DESKTOP],
])('so are they on the page of a token on %s, with metadata and user agents', async (_screen, viewport) => {
  await using tab = await console.openTab({ viewport })
  const { page } = tab
  await tab.signIn()
  for (const { name, id } of made) {
    await tab.goto(`/tokens/acme/files/${id}`)
    await page.getByRole('table', { name: 'Latest downloads' }).waitFor()
    expect(await page.locator('h1 bdi').textContent()).toBe(name)
    expect(await page.locator('main script, main img, main h1').count()).toBe(1)
    await page.getByText(AGENT.slice(0, 40)).waitFor()
    await tab.quiet()
    expect(await excessWidth(page)).toBe(0)
  }
  expect(tab.faults).toEqual([])
})

test.each([
  ['a phone', PHONE],
  ['a desktop', DESKTOP],
])('so are they in forms, in lists of many, in keys and in webhooks on %s', async (_screen, viewport) => {
  const [markup = ''] = NAMES
  await console.gate.admin('POST', '/keys/', { name: markup, role: 'viewer', repositories: ['acme/*'] })
  const target = { target_url: `https://example.com/${'z'.repeat(300)}?<script>alert(6)</script>` }
  const webhook = await console.gate.admin('POST', '/webhooks/acme/', target)
  const { slug_perm: hook } = webhook.body as { slug_perm: string }
  await console.gate.createToken('acme/js', { name: markup })
  await using tab = await console.openTab({ viewport })
  const { page } = tab
  await tab.signIn()
  const look = async (path: string, wait: () => Promise<unknown>): Promise<void> => {
    await tab.goto(path)
    await wait()
    await tab.quiet()
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(await excessWidth(page)).toBe(0)
  }
  for (const { name, id } of made) {
    const field = page.getByLabel('Name', { exact: true })
    await look(`/tokens/acme/files/${id}/edit`, () => field.waitFor())
    expect(await field.inputValue()).toBe(name)
  }
  await look('/tokens/copy?from=acme/js&to=acme/files', () => page.getByText(NAMES[5] ?? '').waitFor())
  await look('/keys', () => page.getByText(markup).first().waitFor())
  await look('/webhooks', () => page.getByText('<script>').first().waitFor())
  await look(`/webhooks/acme/${hook}`, () => page.getByText('<script>').first().waitFor())
  await look('/tokens/import', async () => {
    await page
      .getByLabel('Or rows, pasted')
      .fill(JSON.stringify([{ name: markup, '<b>': 1 }, { name: AGENT.slice(0, 100) }]))
    await page.getByRole('button', { name: 'See what would happen' }).click()
    await page.getByText('Can’t be done: 1, New: 1.').waitFor()
  })
  await console.gate.admin('DELETE', `/webhooks/acme/${hook}/`)
  expect(tab.faults).toEqual([])
})

test.each([
  ['a phone', PHONE],
  ['a desktop', DESKTOP],
])('and on the overview, in the log of changes, and in what was used, on %s', async (_screen, viewport) => {
  await using tab = await console.openTab({ viewport })
  const { page } = tab
  await tab.signIn()
  const places = [
    ['/', 'Most downloads'],
    ['/usage/acme/files', 'Packages'],
    ['/usage/acme/files/package?name=tools%2Fhello-1.0.txt', 'Customers'],
    ['/usage/acme/files/log', 'Downloads'],
  ] as const
  for (const [path, table] of places) {
    await tab.goto(path)
    await page.getByRole('table', { name: table, exact: true }).waitFor()
    await tab.quiet()
    expect(await page.locator('main script, main img, main h1').count()).toBe(1)
    expect(await excessWidth(page)).toBe(0)
  }
  await tab.goto('/audit')
  await page
    .getByText(NAMES[0] ?? '')
    .first()
    .waitFor()
  for (const summary of await page.getByText('What changed').all()) await summary.click()
  expect(await page.locator('main script, main img, main h1').count()).toBe(1)
  expect(await excessWidth(page)).toBe(0)
  expect(tab.faults).toEqual([])
})

test('a search full of markup comes back as text', async () => {
  await using tab = await console.openTab()
  await tab.signIn()
  await tab.goto(
    `/tokens?q=${encodeURIComponent('<img src=x onerror=alert(1)>:x')}&in=<script>&sort=<b>&page=-1`,
  )
  await tab.page.getByText(/^character \d+:/).waitFor()
  expect(tab.faults).toEqual([])
})

test.each([
  ['a phone', PHONE],
  ['a desktop', DESKTOP],
])('packages of such names are text wherever they are named, on %s', async (_screen, viewport) => {
  await using tab = await console.openTab({ viewport })
  const { page } = tab
  await tab.signIn()
  const look = async (path: string, table: string, count: number): Promise<void> => {
    await tab.goto(path)
    const found = page.getByRole('table', { name: table, exact: true })
    await found.waitFor()
    expect(await found.getByRole('row').count()).toBe(count + 1)
    expect(await page.locator('main script, main img, main h1').count()).toBe(1)
    expect(await excessWidth(page)).toBe(0)
  }
  await look('/usage/acme/far', 'Packages', PACKAGES.length)
  const links = await page.getByRole('table', { name: 'Packages' }).getByRole('link').all()
  const paths = await Promise.all(links.map((link) => link.getAttribute('href')))
  expect(new Set(paths).size).toBeGreaterThanOrEqual(PACKAGES.length)
  for (const path of paths) await look((path ?? '').replace('/console', ''), 'Customers', NAMES.length)
  await look('/usage/acme/far/log', 'Downloads', NAMES.length * PACKAGES.length)
  const [{ id = '' } = {}] = made
  await look(`/tokens/acme/files/${id}`, 'Packages', PACKAGES.length + 1)
  await tab.goto(`/tokens/acme/files/${id}/edit`)
  await page.getByText(/^Opens \d package/).waitFor()
  expect(await excessWidth(page)).toBe(0)
  expect(tab.faults).toEqual([])
})

test.each([
  ['a phone', PHONE],
  ['a desktop', DESKTOP],
])(
  'names that turn text around stay in their place in dialogs and tables, on %s',
  async (_screen, viewport) => {
    const turned = `${RIGHT_TO_LEFT}yek \u2066<b>\u061c${viewport.width}`
    const key = await console.gate.admin('POST', '/keys/', {
      name: turned,
      role: 'viewer',
      repositories: [],
    })
    expect(key.status).toBe(201)
    await using tab = await console.openTab({ viewport })
    const { page } = tab
    await tab.signIn()
    const isWhole = async (): Promise<void> => {
      expect(await page.locator('main script, main img, main b, dialog b, dialog img').count()).toBe(0)
      expect(await excessWidth(page)).toBe(0)
    }
    await tab.goto('/keys')
    await page.getByRole('button', { name: `Revoke: ${turned}` }).click()
    await page.getByText('works no longer from the next request on').waitFor()
    await isWhole()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await tab.goto('/audit')
    await page.getByText(turned).first().waitFor()
    await isWhole()
    await tab.goto('/tokens')
    await page.getByLabel('All on this page').check()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('would be deleted').waitFor()
    await isWhole()
    await tab.goto('/explain')
    await page.getByLabel('URL or path').fill(`acme/files/${turned}/${'q'.repeat(5_000)}`)
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByText('The client gets').waitFor()
    await isWhole()
    expect(tab.faults).toEqual([])
  },
)
