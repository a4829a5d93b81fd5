import { beforeAll, expect, test } from 'vitest'
import { describeConsole } from './console.ts'

describeConsole((console) => {
  let [id, secret] = ['', '']
  beforeAll(async () => {
    const { gate } = console
    const token = await gate.createToken('acme/files', { name: 'First name', limit_packages: ['a', 'b'] })
    id = token.slug_perm
    secret = token.token
    const path = `/entitlements/acme/files/${id}/`
    await gate.admin('PATCH', path, { limit_packages: ['b', 'c'], metadata: { plan: 'full' } })
    await gate.admin('POST', `${path}refresh/`)
    for (let i = 0; i < 31; i++) await gate.createToken('acme/js', { name: `Other ${i}` })
    const gone = await gate.createToken('acme/js', { name: 'Gone' })
    await gate.admin('DELETE', `/entitlements/acme/js/${gone.slug_perm}/`)
  })

  test('shows who changed what, page by page, and what it was before', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await page.getByRole('link', { name: 'Changes', exact: true }).click()
    await page.getByText('page 1 of 2').waitFor()
    await page.getByText('A token was deleted.').waitFor()
    expect(await page.getByRole('link', { name: 'Gone' }).count()).toBe(1)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText('page 2 of 2').waitFor()
    await page.getByLabel('Where').selectOption('acme/files')
    await page.getByText('3 changes').waitFor()
    await page.getByLabel('What happened').selectOption('Fields of a token were changed')
    await page.getByText('1 change', { exact: true }).waitFor()
    await page.getByText('What changed').click()
    expect(await page.locator('.changes del').allTextContents()).toEqual(['a', 'nothing'])
    expect(await page.locator('.changes ins').allTextContents()).toEqual(['c', 'plan: full'])
    await page.getByRole('link', { name: 'First name' }).click()
    await page.getByRole('heading', { name: 'First name' }).waitFor()
    expect(tab.faults).toEqual([])
  })

  test('all of one token, without its secrets, is a link away from it', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto(`/tokens/acme/files/${id}`)
    await page.getByRole('link', { name: 'In the log' }).click()
    await page.getByText('3 changes').waitFor()
    for (const summary of await page.getByText('What changed').all()) await summary.click()
    const now = await console.gate.readToken('acme/files', id)
    const shown = await page.content()
    expect(shown).not.toContain(secret)
    expect(shown).not.toContain(now.token)
  })

  test('is filtered by key and time, and a mistake is told in words', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/audit?actor=nobody')
    await page.getByText('Nothing was changed that fits.').waitFor()
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByText('page 1 of 2').waitFor()
    await page.getByLabel('Before (UTC)').fill('2020-01-01T00:00')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByText('Nothing was changed that fits.').waitFor()
    await tab.goto('/audit?since=yesterday')
    await page.getByText('This must be an instant').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('shows a viewer of one repository the changes there', async () => {
    const { key } = await console.makeKey('viewer', ['acme/files'])
    await using tab = await console.openTab()
    await tab.signIn(key)
    await tab.goto('/audit')
    await tab.page.getByText('3 changes').waitFor()
    expect(await tab.page.getByLabel('Where').locator('option').allTextContents()).toEqual(['acme/files'])
  })
})
