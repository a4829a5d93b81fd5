import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { DESKTOP, PHONE, useConsole } from './console.ts'

const console = useConsole()

interface Finding {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** What axe finds, as text. Its script is no part of the page, whose policy lets only its own run. */
async function findingsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<{ violations: readonly Finding[] }>('axe.run()')
  return violations.map(
    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
  )
}

let id = ''

beforeAll(async () => {
  const { gate } = console
  const token = await gate.createToken('acme/files', {
    name: 'Example Ltd',
    limit_num_downloads: 1,
    limit_num_clients: 10,
    limit_date_range_to: '2099-01-01',
    metadata: { customer: 4711 },
  })
  id = token.slug_perm
  await console.download(token.token)
  const soon = new Date(Date.now() + 5 * 86_400_000).toISOString()
  await gate.createToken('acme/files', { name: 'Ends soon', limit_date_range_to: soon })
  await gate.createToken('acme/files', { name: 'Off', is_active: false })
  await gate.createToken('acme/js', { name: 'Old', limit_date_range_to: '2020-01-01' })
})

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  describe.each([
    ['a phone', PHONE],
    ['a desktop', DESKTOP],
  ])('on %s axe finds nothing wrong with', (_screen, viewport) => {
    const options = { colorScheme, viewport }

    test('signing in', async () => {
      await using tab = await console.openTab(options)
      await tab.goto('/')
      await tab.page.getByLabel('Key of the management API').waitFor()
      expect(await findingsOf(tab.page)).toEqual([])
    })

    test('the overview, the list, a mistake in a search, and no such page', async () => {
      await using tab = await console.openTab(options)
      const { page } = tab
      await tab.signIn()
      await page.getByText('All of acme').waitFor()
      await page.getByRole('link', { name: 'Ends soon', exact: true }).waitFor()
      expect(await findingsOf(page)).toEqual([])
      await tab.goto('/tokens')
      await page.getByText('4 tokens').waitFor()
      await page.getByText('How to search').click()
      expect(await findingsOf(page)).toEqual([])
      await tab.goto('/tokens?q=(')
      await page.getByText('character').waitFor()
      expect(await findingsOf(page)).toEqual([])
      await tab.goto('/nowhere')
      await page.getByRole('heading', { name: 'Not found' }).waitFor()
      expect(await findingsOf(page)).toEqual([])
    })

    test('the form of a token', async () => {
      await using tab = await console.openTab(options)
      await tab.signIn()
      await tab.goto(`/tokens/acme/files/${id}/edit`)
      await tab.page.getByLabel('Most downloads').fill('many')
      await tab.page.getByRole('button', { name: 'Save' }).click()
      await tab.page.locator('[aria-invalid]').waitFor()
      expect(await findingsOf(tab.page)).toEqual([])
    })

    test('the page of a token and its dialogs', async () => {
      await using tab = await console.openTab(options)
      const { page } = tab
      await tab.signIn()
      await tab.goto(`/tokens/acme/files/${id}`)
      await page.getByText('A token was made.').waitFor()
      await page.getByText('The same as a table').click()
      expect(await findingsOf(page)).toEqual([])
      for (const name of ['New secret', 'Delete']) {
        await page.getByRole('button', { name, exact: true }).click()
        await page.getByRole('dialog').waitFor()
        expect(await findingsOf(page)).toEqual([])
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'detached' })
      }
    })
  })
})
