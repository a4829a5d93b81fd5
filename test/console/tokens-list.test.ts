import { beforeAll, expect, test } from 'vitest'
import { describeConsole, excessWidth, PHONE, type Tab } from './console.ts'

const names = (tab: Tab): Promise<string[]> => tab.page.locator('.name-link').allTextContents()

describeConsole((console) => {
  beforeAll(async () => {
    const { gate } = console
    for (let i = 1; i <= 60; i++) {
      await gate.createToken('acme/files', { name: `Customer ${String(i).padStart(2, '0')}` })
    }
    await gate.createToken('acme/files', { name: 'Zoo switched off', is_active: false })
    await gate.createToken('acme/files', { name: 'Zoo expired', limit_date_range_to: '2020-01-01' })
    await gate.createToken('acme/js', { name: 'Zoo of scripts', metadata: { customer: '4711' } })
    const used = await gate.createToken('acme/files', { name: 'Zoo used up', limit_num_downloads: 1 })
    await console.download(used.token)
  })

  test('shows all of an owner by name, page by page, and each page has an address', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await page.getByRole('link', { name: 'Tokens', exact: true }).click()
    await page.getByText('64 tokens, page 1 of 2').waitFor()
    await expect.poll(async () => (await names(tab))[0]).toBe('Customer 01')
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText('page 2 of 2').waitFor()
    await expect.poll(() => names(tab)).toHaveLength(14)
    await page.reload()
    await page.getByText('page 2 of 2').waitFor()
    await page.goBack()
    await page.getByText('page 1 of 2').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('the overview counts states, and each leads to its tokens', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    const tile = page.getByRole('link', { name: /Switched off/ })
    await page.getByRole('link', { name: /^64\s*All/ }).waitFor()
    expect(await tile.textContent()).toBe('1Switched off')
    await tile.click()
    await page.getByText('1 token', { exact: true }).waitFor()
    await expect.poll(() => names(tab)).toEqual(['Zoo switched off'])
    expect(await page.getByLabel('State').inputValue()).toBe('disabled')
  })

  test('finds by a part of a name, by metadata, in a repository and by state', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens')
    const search = async (text: string): Promise<void> => {
      await page.getByLabel('Search', { exact: true }).fill(text)
      await page.keyboard.press('Enter')
    }
    await page.getByText('64 tokens').waitFor()
    await search('zoo')
    await page.getByText('4 tokens', { exact: true }).waitFor()
    await page.getByLabel('State').selectOption('Switched off')
    await page.getByText('1 token', { exact: true }).waitFor()
    await expect.poll(() => names(tab)).toEqual(['Zoo switched off'])
    await page.getByLabel('State').selectOption('Any')
    await page.getByLabel('Repository').selectOption('acme/js')
    await page.getByText('1 token', { exact: true }).waitFor()
    await expect.poll(() => names(tab)).toEqual(['Zoo of scripts'])
    await search('metadata.customer:4711')
    await page.getByText('1 token', { exact: true }).waitFor()
    await expect.poll(() => names(tab)).toEqual(['Zoo of scripts'])
    await search('nobody at all')
    await page.getByText('No token fits').waitFor()
  })

  test('says at which character of what was typed a search is wrong', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens?state=active&q=zoo+stat:active')
    await page.getByText('character 5: there is no field "stat"').waitFor()
    expect(await page.getByLabel('Search', { exact: true }).getAttribute('aria-invalid')).toBe('true')
  })

  test('sorts by what a column says', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens')
    await page.getByRole('button', { name: 'Name' }).click()
    await page
      .getByRole('columnheader', { name: /Name/ })
      .and(page.locator('[aria-sort=descending]'))
      .waitFor()
    await page.getByRole('link', { name: 'Zoo used up' }).waitFor()
    await expect.poll(async () => (await names(tab))[0]).toBe('Zoo used up')
  })

  test('on a phone each token is a card, and nothing is wider than the screen', async () => {
    await using tab = await console.openTab({ viewport: PHONE })
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens')
    await page.getByText('page 1 of 2').waitFor()
    expect(await excessWidth(page)).toBe(0)
    expect(await page.getByRole('row').count()).toBe(51)
  })

  test('who may see one repository sees that one', async () => {
    const { key } = await console.makeKey('viewer', ['acme/js'])
    await using tab = await console.openTab()
    await tab.signIn(key)
    await tab.goto('/tokens')
    await tab.page.getByText('1 token', { exact: true }).waitFor()
    await expect.poll(() => names(tab)).toEqual(['Zoo of scripts'])
    expect(await tab.page.getByLabel('Repository').locator('option').allTextContents()).toEqual(['acme/js'])
  })

  test('who may see figures only is offered no tokens', async () => {
    await using tab = await console.openAs('metrics')
    const { page } = tab
    expect(await page.getByRole('link', { name: 'Tokens', exact: true }).count()).toBe(0)
    await tab.goto('/tokens')
    await page.getByRole('heading', { name: 'Not found' }).waitFor()
  })
})
