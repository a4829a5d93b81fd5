import type { Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { DESKTOP, excessWidth, PHONE, useConsole, type Tab } from './console.ts'

/** What is far too long, full of markup and turned around is refused beside its field, and stays as it was typed. */

const console = useConsole()

const LENGTH = 10_000
const LONG = '\u202e<b>"\'&amp;'.repeat(LENGTH).slice(0, LENGTH)

let id = ''

beforeAll(async () => {
  id = (await console.gate.createToken('acme/files', { name: 'Example Ltd' })).slug_perm
})

/** The field is marked, the reason stands with it, and nothing that was typed is lost. */
async function expectRefused(field: Locator, reason: string, typed = LONG): Promise<void> {
  await field.and(field.page().locator('[aria-invalid]')).waitFor()
  const remarks = await field.getAttribute('aria-describedby')
  const [problem = ''] = remarks?.split(' ') ?? []
  expect(await field.page().locator(`[id="${problem}"]`).innerText()).toContain(reason)
  expect(await field.inputValue()).toBe(typed)
}

async function expectWhole(page: Page): Promise<void> {
  expect(await excessWidth(page)).toBe(0)
}

describe.each([
  ['a phone', PHONE],
  ['a desktop', DESKTOP],
])('on %s', (_screen, viewport) => {
  /** Does something on a page, and gives what the browser complained of. */
  const on = async (
    path: string,
    act: (page: Page, tab: Tab) => Promise<void>,
  ): Promise<readonly string[]> => {
    await using tab = await console.openTab({ viewport })
    await tab.signIn()
    await tab.goto(path)
    await act(tab.page, tab)
    await expectWhole(tab.page)
    return tab.faults
  }

  test('in the form of a new token', async () => {
    const faults = await on('/tokens/new?in=acme/files', async (page) => {
      const name = page.getByLabel('Name', { exact: true })
      await name.fill(LONG)
      await page.getByLabel('Packages', { exact: true }).selectOption('Only these')
      await page.getByLabel('Packages, one a line').fill(`fine\n\n${LONG}`)
      await page.getByLabel('Name 1').fill('note')
      await page.getByLabel('Value 1').fill(LONG.repeat(2))
      await page.getByRole('button', { name: 'Make the token' }).click()
      await page.getByText('Nothing was saved. Mend first:').waitFor()
      await expectRefused(name, 'At most 200 characters')
      const packages = page.getByLabel('Packages, one a line')
      await expectRefused(packages, 'Line 3: at most 512 characters', `fine\n\n${LONG}`)
      await page.getByText('At most 16 KB of JSON are allowed.').waitFor()
      expect(await page.getByLabel('Value 1').inputValue()).toBe(LONG.repeat(2))
      await expectWhole(page)
      await name.fill('Short')
      await packages.fill('**')
      await page.getByLabel('Value 1').fill('x')
      await page.getByRole('button', { name: 'Make the token' }).click()
      await page.getByRole('heading', { name: 'The token is made' }).waitFor()
    })
    expect(faults).toEqual([])
  })

  test('in what only the API judges of a token, metadata of this length are taken and shown', async () => {
    const faults = await on(`/tokens/acme/files/${id}/edit`, async (page) => {
      const query = page.getByLabel('Package query', { exact: true })
      await query.fill(LONG)
      await expectRefused(query, 'at most 1024 characters')
      await query.fill('')
      await page.getByLabel('Name', { exact: true }).fill('Bell \u0007')
      await page.getByRole('button', { name: 'JSON' }).click()
      const metadata = JSON.stringify({ note: '\u202e<b>'.repeat(2_500) })
      await page.getByLabel('Metadata', { exact: true }).fill(metadata)
      await page.getByRole('button', { name: 'Save' }).click()
      await expectRefused(
        page.getByLabel('Name', { exact: true }),
        'Control characters are not allowed.',
        'Bell \u0007',
      )
      expect(await page.getByLabel('Metadata', { exact: true }).inputValue()).toBe(metadata)
      await expectWhole(page)
      const mended = `Example on ${viewport.width}`
      await page.getByLabel('Name', { exact: true }).fill(mended)
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('heading', { name: mended }).waitFor()
      await page.getByText('A token was made.').waitFor()
    })
    expect(faults).toEqual([])
  })

  test('in a key and a webhook', async () => {
    const faults = await on('/keys', async (page, tab) => {
      const dialog = page.getByRole('dialog')
      await page.getByRole('button', { name: 'New key' }).click()
      await dialog.getByLabel('Name').fill(LONG)
      await dialog.getByLabel('Repositories that it covers').fill(LONG)
      await dialog.getByRole('button', { name: 'Make the key' }).click()
      await expectRefused(dialog.getByLabel('Name'), 'At most 200 characters')
      await expectRefused(dialog.getByLabel('Repositories that it covers'), 'At most 512 characters')
      await expectWhole(page)
      await tab.goto('/webhooks')
      await page.getByRole('button', { name: 'New webhook' }).click()
      const url = `https://example.com/${LONG}`
      await dialog.getByLabel('Target').fill(url)
      await dialog.getByRole('button', { name: 'Make the webhook' }).click()
      await expectRefused(dialog.getByLabel('Target'), 'characters', url)
    })
    expect(faults).toEqual([])
  })

  test('in a request to be explained, and in what is purged', async () => {
    const faults = await on('/explain', async (page, tab) => {
      await page.getByLabel('URL or path').fill(LONG)
      await page.getByLabel('Client’s address').fill(LONG)
      await page.getByRole('button', { name: 'Explain' }).click()
      await expectRefused(page.getByLabel('URL or path'), 'At most 8192 characters')
      await expectRefused(page.getByLabel('Client’s address'), 'This must be an IP address.')
      await expectWhole(page)
      await tab.goto('/usage/acme/files')
      await page.getByRole('button', { name: 'Purge the cache' }).click()
      await page.getByLabel('File or folder').fill(LONG)
      await page.getByRole('button', { name: 'Purge', exact: true }).click()
      await expectRefused(page.getByLabel('File or folder'), 'At most 8192 characters')
    })
    expect(faults).toEqual([])
  })

  test('in searches', async () => {
    const faults = await on('/tokens', async (page, tab) => {
      const search = page.getByRole('searchbox')
      for (const path of ['/tokens', '/usage/acme/files']) {
        await tab.goto(path)
        await search.fill(LONG)
        await page.getByRole('button', { name: 'Search' }).click()
        await page
          .getByText(/too long|At most|character \d+/)
          .first()
          .waitFor()
        expect(await search.inputValue()).toBe(LONG)
        await expectWhole(page)
      }
      for (const [path, label] of [
        ['/audit', 'By the key'],
        ['/usage/acme/files/log', 'Package'],
      ] as const) {
        await tab.goto(path)
        await page.getByLabel(label, { exact: true }).fill(LONG)
        await page.getByRole('button', { name: 'Search' }).click()
        await page
          .getByText(/too long|At most/)
          .first()
          .waitFor()
        expect(await page.getByLabel(label, { exact: true }).inputValue()).toBe(LONG)
        await expectWhole(page)
      }
    })
    expect(faults).toEqual([])
  })

  test('in an import', async () => {
    const faults = await on('/tokens/import?in=acme/files', async (page) => {
      const rows = JSON.stringify([{ name: LONG }, { name: 'Fine', limit_packages: [LONG] }])
      await page.getByLabel('Or rows, pasted').fill(rows)
      await page.getByRole('button', { name: 'See what would happen' }).click()
      await page.getByText('Can’t be done: 2').waitFor()
      await page.getByText('name: At most 200 characters').waitFor()
      expect(await page.getByLabel('Or rows, pasted').inputValue()).toBe(rows)
    })
    expect(faults).toEqual([])
  })
})
