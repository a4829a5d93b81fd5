import { expect, test } from 'vitest'
import { describeConsole } from './console.ts'

describeConsole((console) => {
  test('a wrong key is refused in words, the right one opens the page that was asked for', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.goto('/tokens?q=nobody')
    await page.getByLabel('Key of the management API').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This key does not work').waitFor()
    await page.getByLabel('Key of the management API').fill(console.gate.adminKey)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Tokens' }).waitFor()
    expect(await page.getByLabel('Search', { exact: true }).inputValue()).toBe('nobody')
    expect(tab.faults).toEqual([])
  })

  test('a session outlives a reload, and ends when one signs out', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signInByHand()
    await page.reload()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    // What the page still read would find that the session has ended, and ask for a key above the page.
    await tab.quiet()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor()
    expect(await page.context().cookies()).toEqual([])
  })

  test('no script can read the session', async () => {
    await using tab = await console.openTab()
    await tab.signInByHand()
    expect(await tab.page.evaluate('document.cookie')).toBe('')
    const cookies = await tab.page.context().cookies()
    expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }])
  })

  test('when a key is revoked its sessions end; what was typed is still there after signing in again', async () => {
    const { key, slug_perm } = await console.makeKey('entitlements')
    await console.gate.createToken('acme/files', { name: 'Kept while signing in' })
    await console.gate.createToken('acme/files', { name: 'Not searched for' })
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signInByHand(key)
    await page.getByRole('link', { name: 'Tokens', exact: true }).click()
    await page.getByRole('link', { name: 'Not searched for' }).waitFor()
    // Nothing but the search is to meet the end of the session.
    await tab.quiet()
    await page.getByLabel('Search', { exact: true }).fill('kept while')
    await console.gate.admin('DELETE', `/keys/${slug_perm}/`)
    await page.getByRole('button', { name: 'Search' }).click()
    const dialog = page.getByRole('dialog', { name: 'Sign in again' })
    await dialog.waitFor()
    expect(await page.getByLabel('Search', { exact: true }).inputValue()).toBe('kept while')
    await dialog.getByLabel('Key of the management API').fill(console.gate.adminKey)
    await dialog.getByRole('button', { name: 'Sign in' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Not searched for' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Kept while signing in' }).waitFor()
    expect(tab.faults).toEqual([])
  })

  test('a lost network is said, and trying again goes on', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signInByHand()
    await tab.quiet()
    await page.context().setOffline(true)
    await page.getByRole('link', { name: 'Tokens', exact: true }).click()
    await page.getByRole('heading', { name: 'Tokens', exact: true }).waitFor()
    await page.getByText('Postern can’t be reached').first().waitFor()
    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page
      .getByText(/No token fits|There are no tokens|tokens?$/)
      .first()
      .waitFor()
    expect(tab.faults).toEqual([])
  })

  test('everything can be reached by keyboard alone', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.goto('/')
    await page.getByLabel('Key of the management API').and(page.locator(':focus')).waitFor()
    await page.keyboard.type(console.gate.adminKey)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.keyboard.press('Tab')
    await page
      .locator(':focus')
      .and(page.getByText('Skip to the page', { exact: true }))
      .waitFor()
    await page.keyboard.press('Enter')
    await page.locator('#main:focus').waitFor()
    expect(tab.faults).toEqual([])
  })
})
