import axe from 'axe-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { DESKTOP, PHONE, useConsole, type Tab } from './console.ts'

const console = useConsole()

interface Finding {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** What axe finds when all is there, as text. Its script is no part of the page, whose policy lets only its own run. */
async function findingsOf({ page, quiet }: Tab): Promise<string[]> {
  await quiet()
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<{ violations: readonly Finding[] }>('axe.run()')
  return violations.map(
    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
  )
}

let [id, secret, webhook] = ['', '', '']

beforeAll(async () => {
  const { gate } = console
  const token = await gate.createToken('acme/files', {
    name: 'Example Ltd',
    limit_num_downloads: 1,
    limit_num_clients: 10,
    limit_date_range_to: '2099-01-01',
    metadata: { customer: 4711 },
    repositories: ['acme/files', 'acme/stable'],
    eula_required: true,
  })
  id = token.slug_perm
  secret = token.token
  await console.download(token.token)
  await console.recorded(id, 1)
  await console.accept(token.token)
  const soon = new Date(Date.now() + 5 * 86_400_000).toISOString()
  await gate.createToken('acme/files', { name: 'Ends soon', limit_date_range_to: soon })
  await gate.createToken('acme/files', { name: 'Off', is_active: false })
  await console.makeKey('viewer')
  const target = { target_url: 'https://example.com/hook', events: ['client.new'] }
  const made = await gate.admin('POST', '/webhooks/acme/', target)
  webhook = (made.body as { slug_perm: string }).slug_perm
  await gate.admin('POST', `/webhooks/acme/${webhook}/ping/`)
  await gate.createToken('acme/js', { name: 'Old', limit_date_range_to: '2020-01-01' })
})

// Colours and widths have nothing to do with each other: two of the four ways to look at a page show all of both.
describe.each([
  ['light colours', 'light', 'a desktop', DESKTOP],
  ['dark colours', 'dark', 'a phone', PHONE],
] as const)('in %s', (_colours, colorScheme, screen, viewport) => {
  describe(`on ${screen} axe finds nothing wrong with`, () => {
    const options = { colorScheme, viewport }

    test('signing in', async () => {
      await using tab = await console.openTab(options)
      await tab.goto('/')
      await tab.page.getByLabel('Key of the management API').waitFor()
      expect(await findingsOf(tab)).toEqual([])
    })

    test('the overview, the list, a mistake in a search, and no such page', async () => {
      await using tab = await console.openTab(options)
      const { page } = tab
      await tab.signIn()
      await page.getByText('All of acme').waitFor()
      await page.getByRole('link', { name: 'Ends soon', exact: true }).waitFor()
      await page.getByRole('table', { name: 'Most downloads' }).waitFor()
      expect(await findingsOf(tab)).toEqual([])
      await tab.goto('/tokens')
      await page.getByText('4 tokens').waitFor()
      await page.getByText('How to search').click()
      expect(await findingsOf(tab)).toEqual([])
      await tab.goto('/tokens?q=(')
      await page.getByText('character').waitFor()
      expect(await findingsOf(tab)).toEqual([])
      await tab.goto('/nowhere')
      await page.getByRole('heading', { name: 'Not found' }).waitFor()
      expect(await findingsOf(tab)).toEqual([])
    })

    test('explaining a request, the log of changes, and what a repository was used for', async () => {
      await using tab = await console.openTab(options)
      const { page } = tab
      await tab.signIn()
      await tab.goto('/explain')
      await page.getByLabel('URL or path').fill(`/${secret}/acme/files/tools/hello-1.0.txt`)
      await page.getByRole('button', { name: 'Explain' }).click()
      await page.getByText('The client gets 403').waitFor()
      expect(await findingsOf(tab)).toEqual([])
      await tab.goto('/audit')
      await page.getByRole('link', { name: 'Ends soon' }).waitFor()
      for (const summary of await page.getByText('What changed').all()) await summary.click()
      expect(await findingsOf(tab)).toEqual([])
      await tab.goto('/usage/acme/files')
      await page.getByRole('table', { name: 'Packages' }).waitFor()
      expect(await findingsOf(tab)).toEqual([])
      await page.getByRole('button', { name: 'Purge the cache' }).click()
      await page.getByRole('dialog').waitFor()
      expect(await findingsOf(tab)).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('table', { name: 'Packages' }).getByRole('link').first().click()
      await page.getByRole('table', { name: 'Customers' }).waitFor()
      expect(await findingsOf(tab)).toEqual([])
      await tab.goto('/usage/acme/files/log')
      await page.getByRole('table', { name: 'Downloads' }).waitFor()
      expect(await findingsOf(tab)).toEqual([])
    })

    test('the form of a token', async () => {
      await using tab = await console.openTab(options)
      await tab.signIn()
      await tab.goto(`/tokens/acme/files/${id}/edit`)
      const { page } = tab
      await page.getByLabel('Most downloads', { exact: true }).fill('many')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.locator('[aria-invalid]').waitFor()
      await page.getByText('Opens 1 package').waitFor()
      expect(await findingsOf(tab)).toEqual([])
      const theirs = `Changed on ${viewport.width} ${colorScheme}`
      await console.gate.admin('PATCH', `/entitlements/acme/files/${id}/`, { metadata: { theirs } })
      await page.getByLabel('Most downloads', { exact: true }).fill('1')
      await page.getByLabel('Most clients', { exact: true }).fill('7')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert', { name: 'Changed meanwhile' }).waitFor()
      expect(await findingsOf(tab)).toEqual([])
    })

    test('picking many tokens, importing and copying them', async () => {
      await using tab = await console.openTab(options)
      const { page } = tab
      await tab.signIn()
      await tab.goto('/tokens')
      await page.getByLabel('All on this page').waitFor()
      await tab.quiet()
      await page.getByLabel('All on this page').check()
      expect(await findingsOf(tab)).toEqual([])
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await page.getByText('would be deleted').waitFor()
      expect(await findingsOf(tab)).toEqual([])
      await tab.goto('/tokens/import')
      await page.getByLabel('Or rows, pasted').fill('name,limit_num_downloads\nOne,many\nTwo,2')
      await page.getByRole('button', { name: 'See what would happen' }).click()
      await page.getByText('Nothing was changed yet.').waitFor()
      expect(await findingsOf(tab)).toEqual([])
      await tab.goto('/tokens/copy?from=acme/files&to=acme/stable')
      await page.getByText('Replaced: acme/stable').waitFor()
      await page.getByRole('link', { name: 'Ends soon', exact: true }).waitFor()
      expect(await findingsOf(tab)).toEqual([])
    })

    test('keys and webhooks, and their dialogs', async () => {
      await using tab = await console.openTab(options)
      const { page } = tab
      await tab.signIn()
      await tab.goto('/keys')
      await page.getByRole('cell', { name: 'a viewer' }).first().waitFor()
      expect(await findingsOf(tab)).toEqual([])
      await page.getByRole('button', { name: 'New key' }).click()
      await page.getByRole('dialog').waitFor()
      expect(await findingsOf(tab)).toEqual([])
      await tab.goto('/webhooks')
      await page.getByRole('link', { name: 'https://example.com/hook' }).waitFor()
      expect(await findingsOf(tab)).toEqual([])
      await page.getByRole('button', { name: 'New webhook' }).click()
      await page.getByLabel('Events').selectOption('Only these')
      expect(await findingsOf(tab)).toEqual([])
      await tab.goto(`/webhooks/acme/${webhook}`)
      await page.getByRole('row').filter({ hasText: 'ping' }).waitFor()
      expect(await findingsOf(tab)).toEqual([])
    })

    test('the page of a token and its dialogs', async () => {
      await using tab = await console.openTab(options)
      const { page } = tab
      await tab.signIn()
      await tab.goto(`/tokens/acme/files/${id}`)
      await page.getByText('A token was made.').waitFor()
      await page.getByText('The same as a table').click()
      expect(await findingsOf(tab)).toEqual([])
      for (const name of ['New secret', 'Delete', 'Withdraw acme/stable']) {
        await page.getByRole('button', { name, exact: true }).click()
        await page.getByRole('dialog').waitFor()
        expect(await findingsOf(tab)).toEqual([])
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'detached' })
      }
    })
  })
})
