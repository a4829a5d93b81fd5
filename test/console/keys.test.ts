import { expect, test } from 'vitest'
import { describeConsole } from './console.ts'

describeConsole((console) => {
  test('a key is made, shown once, works, and is revoked', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await page.getByRole('link', { name: 'Keys' }).click()
    await page.getByRole('button', { name: 'New key' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Kim, support')
    await dialog.getByLabel('Role').selectOption('entitlements')
    await dialog.getByLabel('Repositories that it covers').fill('acme')
    await dialog.getByLabel('Ends (UTC)').fill('2020-01-01T00:00')
    await dialog.getByRole('button', { name: 'Make the key' }).click()
    await dialog.getByText('is not of the form owner/repo').first().waitFor()
    expect(await dialog.getByLabel('Name').inputValue()).toBe('Kim, support')
    await dialog.getByLabel('Repositories that it covers').fill('acme/*')
    await dialog.getByRole('button', { name: 'Make the key' }).click()
    await dialog.getByText('This must lie in the future.').first().waitFor()
    await dialog.getByLabel('Ends (UTC)').fill('2099-01-01T00:00')
    await dialog.getByRole('button', { name: 'Make the key' }).click()
    const once = page.getByRole('dialog', { name: 'The new key' })
    const key = await once.locator('.secret').innerText()
    await page.keyboard.press('Escape')
    expect(await once.isVisible()).toBe(true)
    await once.getByRole('button', { name: 'I have kept it' }).click()
    expect(await page.content()).not.toContain(key)
    const self = async (): Promise<Response> =>
      fetch(`${console.gate.adminUrl}/user/self/`, { headers: { 'X-Api-Key': key } })
    expect(await (await self()).json()).toMatchObject({ name: 'Kim, support', role: 'entitlements' })
    const row = page.getByRole('row').filter({ hasText: 'Kim, support' })
    await row.getByRole('button', { name: 'Revoke: Kim, support' }).click()
    await page.getByRole('button', { name: 'Revoke for good' }).click()
    await row.waitFor({ state: 'detached' })
    await expect.poll(async () => (await self()).status).toBe(401)
    await page.getByLabel('Also those that are revoked or expired').check()
    await row.getByText('Revoked').waitFor()
    expect(await row.getByRole('button').count()).toBe(0)
    expect(tab.faults).toEqual([])
  })

  test('a key is changed and renewed, and its last use is shown', async () => {
    const { key, slug_perm: id } = await console.makeKey('viewer', ['acme/files'])
    const ask = (with_: string): Promise<Response> =>
      fetch(`${console.gate.adminUrl}/user/self/`, { headers: { 'X-Api-Key': with_ } })
    await ask(key)
    await console.gate.admin('PATCH', `/keys/${id}/`, { name: 'Renewable' })
    await expect
      .poll(async () => (await console.gate.admin('GET', `/keys/${id}/`)).body)
      .toMatchObject({ last_used_from: '127.0.0.1' })
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/keys')
    const row = page.getByRole('row').filter({ hasText: /Renew(?:able|ed)/ })
    await row.getByText('from 127.0.0.1').waitFor()
    await row.getByRole('button', { name: 'Edit: Renewable' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Renewed')
    await dialog.getByLabel('Repositories that it covers').fill('acme/files\nacme/js')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await row.getByText('acme/files, acme/js').waitFor()
    await row.getByRole('button', { name: 'Renew: Renewed' }).click()
    await dialog.getByRole('button', { name: 'Make a new key' }).click()
    const next = await page.getByRole('dialog', { name: 'The new key' }).locator('.secret').innerText()
    await expect.poll(async () => (await ask(key)).status).toBe(401)
    expect((await ask(next)).status).toBe(200)
    expect(tab.faults).toEqual([])
  })

  test('what somebody else changed in a key meanwhile is shown, and neither side is lost', async () => {
    const { slug_perm: id } = await console.makeKey('viewer', ['acme/files'])
    const path = `/keys/${id}/`
    await console.gate.admin('PATCH', path, { name: 'Shared' })
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/keys')
    // The list is older than the form.
    await page.getByRole('button', { name: 'Edit: Shared' }).waitFor()
    await console.gate.admin('PATCH', path, { repositories: ['acme/js'] })
    await page.getByRole('button', { name: 'Edit: Shared' }).click()
    const dialog = page.getByRole('dialog')
    const globs = dialog.getByLabel('Repositories that it covers')
    await globs.waitFor()
    expect(await globs.inputValue()).toBe('acme/js')
    await console.gate.admin('PATCH', path, { name: 'Theirs', expires_at: '2099-01-01T00:00:00Z' })
    await dialog.getByLabel('Name').fill('Mine')
    await globs.fill('acme/stable')
    await dialog.getByRole('button', { name: 'Save' }).click()
    const conflict = dialog.getByRole('alert', { name: 'Changed meanwhile' })
    await conflict.getByText('Somebody else changed this key').waitFor()
    const rows = await conflict.getByRole('row').allInnerTexts()
    expect(rows.slice(1).map((row) => row.split(/\s*[\t\n]\s*/))).toEqual([
      ['Name', 'Shared', 'Theirs', 'Mine'],
      ['Ends (UTC)', 'nothing', '2099-01-01T00:00', 'not changed'],
    ])
    // As long as that is not answered, nothing is sent.
    await dialog.getByLabel('Name').press('Enter')
    await conflict.getByRole('button', { name: 'Go on with mine' }).click()
    expect(await dialog.getByLabel('Ends (UTC)').inputValue()).toBe('2099-01-01T00:00')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('row').filter({ hasText: 'Mine' }).getByText('acme/stable').waitFor()
    expect((await console.gate.admin('GET', path)).body).toMatchObject({
      name: 'Mine',
      repositories: ['acme/stable'],
      expires_at: '2099-01-01T00:00:00.000Z',
    })
    expect(tab.faults).toEqual([])
  })

  test('a key that somebody else changes meanwhile is neither renewed nor revoked before one has looked again', async () => {
    const { key, slug_perm: id } = await console.makeKey('viewer', ['acme/files'])
    const path = `/keys/${id}/`
    const works = async (): Promise<boolean> =>
      (await fetch(`${console.gate.adminUrl}/user/self/`, { headers: { 'X-Api-Key': key } })).ok
    await console.gate.admin('PATCH', path, { name: 'Contested' })
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/keys')
    const dialog = page.getByRole('dialog')
    for (const [name, opener, verb] of [
      ['Contested', 'Renew', 'Make a new key'],
      ['Contested too', 'Revoke', 'Revoke for good'],
    ] as const) {
      await page.getByRole('button', { name: `${opener}: ${name}`, exact: true }).click()
      await dialog.getByText(name, { exact: true }).waitFor()
      await console.gate.admin('PATCH', path, { name: `${name} too` })
      await dialog.getByRole('button', { name: verb }).click()
      await dialog.getByText('Somebody else changed this since you opened it').waitFor()
      expect(await works()).toBe(true)
      await dialog.getByText(`${name} too`, { exact: true }).waitFor()
      if (opener === 'Renew') await dialog.getByRole('button', { name: 'Cancel' }).click()
      else await dialog.getByRole('button', { name: verb }).click()
    }
    await expect.poll(works).toBe(false)
    expect((await console.gate.admin('GET', path)).body).toMatchObject({ revoked_at: expect.any(String) })
  })

  test('nobody is offered to end their own key, and only admins see the page', async () => {
    await using tab = await console.openAs('admin')
    await tab.goto('/keys')
    const own = tab.page.getByRole('row').filter({ hasText: 'a admin' })
    await own.getByRole('button', { name: 'Renew: a admin' }).waitFor()
    expect(await own.getByRole('button', { name: 'Revoke' }).count()).toBe(0)
    await using other = await console.openAs('entitlements')
    expect(await other.page.getByRole('link', { name: 'Keys' }).count()).toBe(0)
    await other.goto('/keys')
    await other.page.getByRole('heading', { name: 'Not found' }).waitFor()
  })

  test('an admin of some repositories is told why there are no keys to see', async () => {
    await using tab = await console.openTab()
    await tab.signIn((await console.makeKey('admin', ['acme/*'])).key)
    await tab.goto('/keys')
    await tab.page.getByText('yours does not').waitFor()
    expect(tab.faults).toEqual([])
  })
})
