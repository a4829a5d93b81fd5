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
    await page.getByLabel('Works until (UTC)', { exact: true }).fill('2099-12-31T23:59')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Works until 31 December 2099, 23:59 UTC').first().waitFor()
    await expect.poll(() => console.download(token.token)).toBe(200)
    expect(tab.faults).toEqual([])
  })

  test('a mistake is said beside the field while it is typed, and nothing is sent', async () => {
    const token = await console.gate.createToken('acme/files', { name: 'Stays so' })
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await openForm(tab, token.slug_perm)
    await page.getByLabel('Name', { exact: true }).fill('Another')
    await page.getByLabel('Most downloads', { exact: true }).fill('many')
    await page.getByText('Write a whole number').waitFor()
    await page.getByLabel('Package query').fill('name:a AND (')
    await page.getByText('Character 13:').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Mend first: Most downloads, Package query.').waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Another')
    expect(await console.gate.readToken('acme/files', token.slug_perm)).toMatchObject({ name: 'Stays so' })
  })

  test('what only the API knows to be wrong is said beside the field, too', async () => {
    const token = await console.gate.createToken('acme/files', { name: 'Stays so' })
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await openForm(tab, token.slug_perm)
    const tooDeep = '{"a":'.repeat(20) + '1' + '}'.repeat(20)
    await page.getByRole('button', { name: 'JSON' }).click()
    await page.getByLabel('Metadata', { exact: true }).fill(tooDeep)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').getByText('levels of nesting').first().waitFor()
    expect(await page.locator('textarea[aria-invalid]').inputValue()).toBe(tooDeep)
    expect(await console.gate.readToken('acme/files', token.slug_perm)).toMatchObject({ metadata: null })
  })

  test('a form outlives the end of the session, and is saved after signing in again', async () => {
    const { key, slug_perm } = await console.makeKey('entitlements')
    const token = await console.gate.createToken('acme/files')
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn(key)
    await openForm(tab, token.slug_perm)
    await page.getByLabel('Name', { exact: true }).fill('Typed before the end')
    // Nothing but the change is to meet the end of the session.
    await tab.quiet()
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
    await page.getByLabel('Name', { exact: true }).fill('Typed offline')
    await tab.quiet()
    await page.context().setOffline(true)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Postern can’t be reached').waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Typed offline')
    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'Typed offline' }).waitFor()
  })

  test('what somebody else changed meanwhile is shown, and neither side is lost', async () => {
    const token = await console.gate.createToken('acme/files', { name: 'Old' })
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await openForm(tab, token.slug_perm)
    const theirs = { name: 'Theirs', limit_num_downloads: 7 }
    await console.gate.admin('PATCH', `/entitlements/acme/files/${token.slug_perm}/`, theirs)
    await page.getByLabel('Name', { exact: true }).fill('Mine')
    await page.getByLabel('Most clients', { exact: true }).fill('3')
    await page.getByRole('button', { name: 'Save' }).click()
    const conflict = page.getByRole('alert', { name: 'Changed meanwhile' })
    await conflict.getByText('Somebody else changed this token').waitFor()
    const rows = async (): Promise<string[][]> => {
      const texts = await conflict.getByRole('row').allInnerTexts()
      return texts.slice(1).map((row) => row.split(/\s*[\t\n]\s*/))
    }
    await expect.poll(rows).toEqual([
      ['Name', 'Old', 'Theirs', 'Mine'],
      ['Most downloads', 'nothing', '7', 'not changed'],
    ])
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Mine')
    await conflict.getByRole('button', { name: 'Go on with mine' }).click()
    await expect.poll(() => page.getByLabel('Most downloads', { exact: true }).inputValue()).toBe('7')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'Mine' }).waitFor()
    expect(await console.gate.readToken('acme/files', token.slug_perm)).toMatchObject({
      name: 'Mine',
      limit_num_downloads: 7,
      limit_num_clients: 3,
    })
    expect(tab.faults).toEqual([])
  })

  test('limits are cleared, an old secret is ended, and what the form does not show stays', async () => {
    const given = {
      limit_date_range_to: '2030-12-31T23:59:59.000Z',
      limit_num_downloads: 5,
      limit_networks: ['127.0.0.1'],
      metadata: { deep: { kept: [1] } },
    }
    const token = await console.gate.createToken('acme/files', given)
    const path = `/entitlements/acme/files/${token.slug_perm}`
    await console.gate.admin('POST', `${path}/refresh/`, { previous_secret_valid_for: 86_400 })
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await openForm(tab, token.slug_perm)
    expect(await page.getByLabel('Metadata', { exact: true }).inputValue()).toContain('"kept"')
    await page.getByRole('button', { name: 'Clear: Most downloads' }).click()
    await page.getByRole('button', { name: 'Clear: Old secret works until' }).click()
    await page.getByLabel('Networks', { exact: true }).selectOption('Any')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    expect(await console.gate.readToken('acme/files', token.slug_perm)).toMatchObject({
      ...given,
      limit_num_downloads: null,
      limit_networks: null,
      previous_secret_valid_until: null,
    })
  })

  test('who may only look has no such page', async () => {
    const token = await console.gate.createToken('acme/files')
    await using tab = await console.openAs('viewer')
    await tab.goto(editOf(token.slug_perm))
    await tab.page.getByRole('heading', { name: 'Not found' }).waitFor()
    expect(tab.faults).toEqual([])
  })
})
