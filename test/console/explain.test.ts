import { expect, test } from 'vitest'
import { describeConsole } from './console.ts'

describeConsole((console) => {
  test('a pasted URL is explained step by step, its secret hidden, with the way to the field that refuses', async () => {
    const token = await console.gate.createToken('acme/files', {
      name: 'Refused Ltd',
      limit_num_downloads: 1,
    })
    expect(await console.download(token.token)).toBe(200)
    await using tab = await console.openAs('admin')
    const { page } = tab
    await page.getByRole('link', { name: 'Explain' }).click()
    await page.getByLabel('URL or path').fill(`${console.gate.url}/${token.token}/acme/files/other.txt`)
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByText('The client gets 404').waitFor()
    await page.getByLabel('URL or path').fill('acme/files/tools/hello-1.0.txt')
    await page.getByLabel('Client’s address').fill('203.0.113.7')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByText(/The client gets 403 Downloads used up/).waitFor()
    await page.getByText('203.0.113.7', { exact: false }).first().waitFor()
    expect(await page.getByRole('heading', { level: 3 }).allTextContents()).toContain('Counters: refused')
    expect(await page.locator('main').textContent()).not.toContain(token.token)
    expect(await page.getByLabel('Secret').inputValue()).toBe(token.token)
    expect(await page.getByLabel('Secret').getAttribute('type')).toBe('password')
    expect(page.url()).not.toContain(token.token)
    const change = page.getByRole('link', { name: 'Change how many downloads it has' })
    expect(await change.getAttribute('href')).toBe(
      `/console/tokens/acme/files/${token.slug_perm}/edit?field=limit_num_downloads`,
    )
    await change.click()
    const focused = page.getByLabel('Most downloads').and(page.locator(':focus'))
    await focused.waitFor()
    await page.goto(`${console.gate.adminUrl}/console/tokens/acme/files/${token.slug_perm}`)
    await page.getByRole('heading', { name: 'Refused Ltd' }).waitFor()
    expect(tab.faults).toEqual([])
  })

  test('at another time, as a password, by HEAD; nothing is charged', async () => {
    const token = await console.gate.createToken('acme/files', { limit_date_range_to: '2098-12-31' })
    await using tab = await console.openAs('admin')
    const { page } = tab
    await tab.goto('/explain')
    await page.getByLabel('URL or path').fill('/basic/acme/files/tools/hello-1.0.txt')
    await page.getByLabel('Secret').fill(token.token)
    await page.getByLabel('Method').selectOption('HEAD')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByText('The client gets 200').waitFor()
    await page.getByLabel('Time (UTC)').fill('2099-01-01T00:00')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByText(/The client gets 403 Token expired/).waitFor()
    expect((await console.gate.readToken('acme/files', token.slug_perm)).downloads).toBe(0)
  })

  test('a mistake is told in words', async () => {
    await using tab = await console.openAs('admin')
    const { page } = tab
    await tab.goto('/explain')
    await page.getByLabel('URL or path').fill('acme/files/a')
    await page.getByLabel('Client’s address').fill('nowhere')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByText('This must be an IP address.').first().waitFor()
    expect(tab.faults).toEqual([])
  })

  test('is offered to nobody else', async () => {
    await using tab = await console.openAs('viewer')
    expect(await tab.page.getByRole('link', { name: 'Explain' }).count()).toBe(0)
    await tab.goto('/explain')
    await tab.page.getByRole('heading', { name: 'Not found' }).waitFor()
  })

  test('a key that covers some repositories is told that it is not enough', async () => {
    const { key } = await console.makeKey('admin', ['acme/files'])
    await using tab = await console.openTab()
    await tab.signIn(key)
    await tab.goto('/explain')
    await tab.page.getByText('that needs a key that covers all repositories').waitFor()
    expect(await tab.page.getByLabel('URL or path').count()).toBe(0)
  })
})
