import { expect, test } from 'vitest'
import { describeConsole, type Tab } from './console.ts'

const editOf = (id: string): string => `/tokens/acme/files/${id}/edit`

async function openForm(tab: Tab, id: string): Promise<void> {
  await tab.goto(editOf(id))
  await tab.page.getByRole('heading', { name: 'Edit the token' }).waitFor()
}

describeConsole((console) => {
  test('the end is moved, and an expired token works again', async () => {
    const token = await console.gate.createToken('acme/files', { limit_date_range_to: '2020-01-01' })
    expect(await console.download(token.token)).toBe(403)
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto(`/tokens/acme/files/${token.slug_perm}`)
    await page.getByText('Expired on 1 January 2020, 00:00 UTC').waitFor()
    await page.getByRole('link', { name: 'Edit' }).click()
    await page.getByLabel('Works until (UTC)').fill('2099-12-31T23:59')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Works until 31 December 2099, 23:59 UTC').first().waitFor()
    expect(await console.download(token.token)).toBe(200)
    expect(tab.faults).toEqual([])
  })

  test('what the API does not take is said beside the field, and changes nothing', async () => {
    const token = await console.gate.createToken('acme/files', { name: 'Stays so' })
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await openForm(tab, token.slug_perm)
    await page.getByLabel('Name').fill('Another')
    await page.getByLabel('Most downloads').fill('many')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('[aria-invalid]').waitFor()
    expect(await page.locator('[aria-invalid]').inputValue()).toBe('many')
    expect(await page.getByLabel('Name').inputValue()).toBe('Another')
    expect(await console.gate.readToken('acme/files', token.slug_perm)).toMatchObject({ name: 'Stays so' })
  })

  test('a form outlives the end of the session, and is saved after signing in again', async () => {
    const { key, slug_perm } = await console.makeKey('entitlements')
    const token = await console.gate.createToken('acme/files')
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn(key)
    await openForm(tab, token.slug_perm)
    await page.getByLabel('Name').fill('Typed before the end')
    await console.gate.admin('DELETE', `/keys/${slug_perm}/`)
    await page.getByRole('button', { name: 'Save' }).click()
    const dialog = page.getByRole('dialog', { name: 'Sign in again' })
    await dialog.getByLabel('Key of the management API').fill('wrong')
    await page.keyboard.press('Enter')
    await dialog.getByText('This key does not work').waitFor()
    await page.keyboard.press('Escape')
    expect(await dialog.isVisible()).toBe(true)
    await dialog.getByLabel('Key of the management API').fill(console.gate.adminKey)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Typed before the end' }).waitFor()
    expect(await console.gate.readToken('acme/files', token.slug_perm)).toMatchObject({
      name: 'Typed before the end',
    })
  })

  test('a form outlives a lost network', async () => {
    const token = await console.gate.createToken('acme/files')
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await openForm(tab, token.slug_perm)
    await page.getByLabel('Name').fill('Typed offline')
    await page.context().setOffline(true)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Postern can’t be reached').waitFor()
    expect(await page.getByLabel('Name').inputValue()).toBe('Typed offline')
    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'Typed offline' }).waitFor()
  })

  test('what somebody else changed meanwhile is not overwritten', async () => {
    const token = await console.gate.createToken('acme/files')
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await openForm(tab, token.slug_perm)
    await console.gate.admin('PATCH', `/entitlements/acme/files/${token.slug_perm}/`, { name: 'Theirs' })
    await page.getByLabel('Name').fill('Mine')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Somebody else changed this token').waitFor()
    expect(await page.getByLabel('Name').inputValue()).toBe('Mine')
    expect(await console.gate.readToken('acme/files', token.slug_perm)).toMatchObject({ name: 'Theirs' })
  })

  test('who may only look has no such page', async () => {
    const token = await console.gate.createToken('acme/files')
    await using tab = await console.openAs('viewer')
    await tab.goto(editOf(token.slug_perm))
    await tab.page.getByRole('heading', { name: 'Not found' }).waitFor()
    expect(tab.faults).toEqual([])
  })
})
