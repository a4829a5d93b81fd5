import { expect, test } from 'vitest'
import { describeConsole } from './console.ts'
import { startReceiver } from './receiver.ts'

describeConsole((console) => {
  test('a webhook is made, tried, changed and deleted', async () => {
    await using receiver = await startReceiver()
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await page.getByRole('link', { name: 'Webhooks' }).click()
    await page.getByText('There are none for acme yet.').waitFor()
    await page.getByRole('button', { name: 'New webhook' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Target').fill('nowhere')
    await dialog.getByLabel('Events').selectOption('Only these')
    await dialog.getByRole('button', { name: 'Make the webhook' }).click()
    await dialog.getByText('Name at least one event').first().waitFor()
    await dialog.getByLabel('token.created').check()
    await dialog.getByLabel('Target').fill(receiver.url)
    await dialog.getByRole('button', { name: 'Make the webhook' }).click()
    const secret = page.getByRole('dialog', { name: 'The secret of the webhook' })
    expect(await secret.locator('.secret').innerText()).toMatch(/^whsec/)
    await secret.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('link', { name: receiver.url }).click()
    await page.getByRole('button', { name: 'Send a trial' }).click()
    const row = page.getByRole('row').filter({ hasText: 'ping' })
    await row.waitFor()
    await expect.poll(() => receiver.events.length).toBe(1)
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Look again' }).click()
        await tab.quiet()
        return row.innerText()
      })
      .toContain('Delivered')
    await row.getByRole('button', { name: 'Send again' }).click()
    await expect.poll(() => receiver.events.length).toBe(2)
    await page.getByRole('button', { name: 'Edit' }).click()
    await dialog.getByLabel('Switched on').uncheck()
    await dialog.getByRole('combobox', { name: 'Repositories' }).selectOption('Only these')
    await dialog.getByLabel('Repositories, one a line').fill('acme/files')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Switched off', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'New secret' }).click()
    await page.getByRole('button', { name: 'Make a new secret' }).click()
    await secret.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await page.getByText('There are none for acme yet.').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('what somebody else changed in a webhook meanwhile is shown, and neither side is lost', async () => {
    const { body } = await console.gate.admin('POST', '/webhooks/acme/', {
      target_url: 'http://127.0.0.1:9/old',
    })
    const path = `/webhooks/acme/${(body as { slug_perm: string }).slug_perm}/`
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto(path.replace(/\/$/, ''))
    await page.getByRole('button', { name: 'Edit' }).click()
    const dialog = page.getByRole('dialog')
    const theirs = { target_url: 'http://127.0.0.1:9/theirs', events: ['token.created'] }
    await console.gate.admin('PATCH', path, theirs)
    await dialog.getByLabel('Target').fill('http://127.0.0.1:9/mine')
    await dialog.getByLabel('Switched on').uncheck()
    await dialog.getByRole('button', { name: 'Save' }).click()
    const conflict = dialog.getByRole('alert', { name: 'Changed meanwhile' })
    await conflict.getByText('Somebody else changed this webhook').waitFor()
    const rows = await conflict.getByRole('row').allInnerTexts()
    expect(rows.slice(1).map((row) => row.split(/\s*[\t\n]\s*/))).toEqual([
      ['Target', 'http://127.0.0.1:9/old', 'http://127.0.0.1:9/theirs', 'http://127.0.0.1:9/mine'],
      ['Events', '*', 'token.created', 'not changed'],
    ])
    await conflict.getByRole('button', { name: 'Go on with theirs' }).click()
    expect(await dialog.getByLabel('token.created').isChecked()).toBe(true)
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Switched off', { exact: true }).waitFor()
    expect((await console.gate.admin('GET', path)).body).toMatchObject({ ...theirs, is_active: false })
    // Of a page that is old nothing is deleted either.
    await console.gate.admin('PATCH', path, { is_active: true })
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await page.getByText('Somebody else changed this since you opened it.').waitFor()
    await page.getByText('Active', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await page.getByText('There are none for acme yet.').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('what was given up is sent again', async () => {
    await using receiver = await startReceiver()
    const { body } = await console.gate.admin('POST', '/webhooks/acme/', { target_url: receiver.url })
    const { slug_perm: id } = body as { slug_perm: string }
    await console.gate.admin('POST', `/webhooks/acme/${id}/ping/`)
    await expect.poll(() => receiver.events.length).toBe(1)
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    // Postern gives up after days: the page is told so of what was delivered.
    await page.route('**/deliveries/?*', async (route) => {
      const answer = await route.fetch()
      await route.fulfill({
        response: answer,
        body: (await answer.text()).replaceAll('"delivered"', '"dead"'),
      })
    })
    await tab.goto(`/webhooks/acme/${id}`)
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Look again' }).click()
        await tab.quiet()
        return page.getByRole('table').innerText()
      })
      .toContain('Given up')
    await page.getByRole('button', { name: 'Send again what was given up here (1)' }).click()
    await page.getByText('1 message will be tried again.').waitFor()
    await expect.poll(() => receiver.events.length).toBe(2)
    await tab.quiet()
    await page.unrouteAll({ behavior: 'wait' })
    await console.gate.admin('DELETE', `/webhooks/acme/${id}/`)
    expect(tab.faults).toEqual([])
  })

  test('what could not be sent says why', async () => {
    const { body } = await console.gate.admin('POST', '/webhooks/acme/', {
      target_url: 'http://127.0.0.1:9/closed',
    })
    const { slug_perm: id } = body as { slug_perm: string }
    await console.gate.admin('POST', `/webhooks/acme/${id}/ping/`)
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto(`/webhooks/acme/${id}`)
    const row = page.getByRole('row').filter({ hasText: 'ping' })
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Look again' }).click()
        await tab.quiet()
        return row.innerText()
      })
      .toMatch(/Waiting[^]*[1-9] times?/)
    await page.getByRole('combobox', { name: 'State' }).selectOption('Given up')
    await page.getByText('There is nothing here.').waitFor()
    await console.gate.admin('DELETE', `/webhooks/acme/${id}/`)
    expect(tab.faults).toEqual([])
  })

  test('who may not look after webhooks is offered none', async () => {
    await using tab = await console.openAs('viewer')
    expect(await tab.page.getByRole('link', { name: 'Webhooks' }).count()).toBe(0)
    await tab.goto('/webhooks')
    await tab.page.getByRole('heading', { name: 'Not found' }).waitFor()
  })
})
