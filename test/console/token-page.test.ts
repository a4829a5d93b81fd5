import { expect, test } from 'vitest'
import { describeConsole, type Console, type Tab } from './console.ts'

const pageOf = (id: string): string => `/tokens/acme/files/${id}`

async function openToken(console: Console, id: string): Promise<Tab> {
  const tab = await console.openTab({ permissions: ['clipboard-read', 'clipboard-write'] })
  await tab.signIn()
  await tab.goto(pageOf(id))
  await tab.page.getByRole('heading', { name: 'Used', exact: true }).waitFor()
  return tab
}

const clipboard = (tab: Tab): Promise<string> => tab.page.evaluate('navigator.clipboard.readText()')

describeConsole((console) => {
  test('says why downloads fail, what is used, by whom, and what was refused', async () => {
    const token = await console.gate.createToken('acme/files', {
      name: 'Ten for Example',
      limit_num_downloads: 1,
      scheduled_reset_period: 'Monthly',
      scheduled_reset_at: '2020-01-01T00:00:00Z',
    })
    expect(await console.download(token.token)).toBe(200)
    expect(await console.download(token.token)).toBe(403)
    await console.recorded(token.slug_perm, 1)
    await using tab = await openToken(console, token.slug_perm)
    const { page } = tab
    await page.getByText(/Used up: 1 of 1 download, resets on 1 \w+ \d{4}, 00:00 UTC\./).waitFor()
    await page.getByText('1 of 1', { exact: true }).waitFor()
    await page.getByRole('table', { name: 'Clients' }).getByText('127.0.0.1').waitFor()
    await page.getByRole('table', { name: 'Latest downloads' }).getByText(/hello/).first().waitFor()
    await page.getByText('A token was made.').waitFor()
    // Refusals are written down a little later than downloads.
    await expect
      .poll(async () => {
        await page.reload()
        await page.getByRole('table', { name: 'Latest downloads' }).waitFor()
        await tab.quiet()
        return page.getByText('Downloads used up').isVisible()
      })
      .toBe(true)
    await page.getByText('The same as a table').click()
    await page.getByRole('table', { name: 'Downloads by the day' }).waitFor()
    expect(tab.faults).toEqual([])
  })

  test('a part of the chart is shown larger by dragging over it, and all of it again', async () => {
    const token = await console.gate.createToken('acme/files')
    await using tab = await openToken(console, token.slug_perm)
    const { page } = tab
    const chart = page.locator('.chart .u-over')
    await chart.waitFor()
    // What comes late moves the chart.
    await tab.quiet()
    await chart.scrollIntoViewIfNeeded()
    const { x, y, width, height } = (await chart.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
    const [from, to] = [x + width * 0.4, x + width * 0.7]
    await page.mouse.move(from, y + height / 2)
    await page.mouse.down()
    await page.mouse.move(to, y + height / 2, { steps: 5 })
    await page.mouse.up()
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByRole('button', { name: 'Show all' }).waitFor({ state: 'detached' })
    await page.getByLabel('Time').selectOption('Last 24 hours')
    await page.getByRole('button', { name: 'Bandwidth' }).click()
    await page.getByText('bandwidth in all').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('the secret is hidden until it is wanted, and copied without being shown', async () => {
    const token = await console.gate.createToken('acme/files')
    await using tab = await openToken(console, token.slug_perm)
    const { page } = tab
    expect(await page.content()).not.toContain(token.token)
    await page.getByRole('button', { name: 'Copy the secret' }).click()
    await page.getByText('Copied: the secret.').waitFor()
    expect(await clipboard(tab)).toBe(token.token)
    expect(await page.content()).not.toContain(token.token)
    await page.getByRole('button', { name: 'Show the secret' }).click()
    await page.getByText(token.token).waitFor()
    await page.getByRole('button', { name: 'Hide the secret' }).click()
    await page.getByText(token.token).waitFor({ state: 'detached' })
  })

  test('a line that is copied for the customer works', async () => {
    const token = await console.gate.createToken('acme/files')
    await using tab = await openToken(console, token.slug_perm)
    const { page } = tab
    await page.getByLabel('How', { exact: true }).selectOption('Secret in the address')
    await page.getByRole('button', { name: 'Copy Run, with the secret' }).click()
    await page.getByText(/^Copied: Run/).waitFor()
    const line = await clipboard(tab)
    expect(line).toBe(`curl -fO ${console.gate.url}/${token.token}/acme/files/tool-1.0.tar.gz`)
    const url = line.slice('curl -fO '.length).replace('tool-1.0.tar.gz', 'tools/hello-1.0.txt')
    expect((await fetch(url)).status).toBe(200)
  })

  test('a token is switched off and on', async () => {
    const token = await console.gate.createToken('acme/files')
    await using tab = await openToken(console, token.slug_perm)
    const { page } = tab
    await page.getByRole('button', { name: 'Switch off' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click()
    await page.getByText('Switched off: every download is refused').waitFor()
    await expect.poll(() => console.download(token.token)).toBe(403)
    await page.getByRole('button', { name: 'Switch on' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Switch on' }).click()
    await page.getByText('Works, without an end.').waitFor()
    await expect.poll(() => console.download(token.token)).toBe(200)
    expect(tab.faults).toEqual([])
  })

  test('counters are set to zero', async () => {
    const token = await console.gate.createToken('acme/files', { limit_num_downloads: 1 })
    expect(await console.download(token.token)).toBe(200)
    await using tab = await openToken(console, token.slug_perm)
    const { page } = tab
    await page.getByRole('button', { name: 'Reset counters' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click()
    await page.getByText('0 of 1', { exact: true }).waitFor()
    expect(await console.gate.readToken('acme/files', token.slug_perm)).toMatchObject({ downloads: 0 })
  })

  test('a new secret leaves the old one working for as long as is chosen', async () => {
    const token = await console.gate.createToken('acme/files')
    await using tab = await openToken(console, token.slug_perm)
    const { page } = tab
    await page.getByRole('button', { name: 'New secret' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('The old secret goes on working').selectOption('One day')
    await dialog.getByRole('button', { name: 'Make a new secret' }).click()
    await page.getByText('Old secret works until').waitFor()
    const { token: secret } = await console.gate.readToken('acme/files', token.slug_perm)
    expect(secret).not.toBe(token.token)
    expect(await console.download(token.token)).toBe(200)
    expect(await console.download(secret)).toBe(200)
    await page.getByRole('button', { name: 'New secret' }).click()
    await dialog.getByLabel('The old secret goes on working').selectOption('Not at all: it has leaked')
    await dialog.getByRole('button', { name: 'Make a new secret' }).click()
    await page.getByText('Old secret works until').waitFor({ state: 'detached' })
    await expect.poll(() => console.download(secret)).toBe(403)
  })

  test('a place for a client is freed', async () => {
    const token = await console.gate.createToken('acme/files', { limit_num_clients: 1 })
    expect(await console.download(token.token)).toBe(200)
    await using tab = await openToken(console, token.slug_perm)
    const { page } = tab
    await page.getByText('All places for clients are taken: 1 of 1.').waitFor()
    await page.getByRole('button', { name: 'Release 127.0.0.1' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click()
    await page.getByText('No client has downloaded').waitFor()
    await page.getByText('0 of 1', { exact: true }).waitFor()
  })

  test('only who types its name deletes a token', async () => {
    const token = await console.gate.createToken('acme/files', { name: 'Gone tomorrow' })
    await using tab = await openToken(console, token.slug_perm)
    const { page } = tab
    await page.getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Type Gone tomorrow to confirm').fill('Gone')
    await page.keyboard.press('Enter')
    expect(await dialog.isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Delete' }).and(page.locator(':focus')).waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByLabel('Type Gone tomorrow to confirm').fill('Gone tomorrow')
    await dialog.getByRole('button', { name: 'Delete for good' }).click()
    await page.getByRole('heading', { name: 'Tokens' }).waitFor()
    expect((await console.gate.admin('GET', `/entitlements/acme/files/${token.slug_perm}/`)).status).toBe(404)
  })

  test('what somebody else changed meanwhile is not overwritten', async () => {
    const token = await console.gate.createToken('acme/files', { name: 'Two at once' })
    await using tab = await openToken(console, token.slug_perm)
    const { page } = tab
    await console.gate.admin('PATCH', `/entitlements/acme/files/${token.slug_perm}/`, {
      limit_num_clients: 3,
    })
    await page.getByRole('button', { name: 'Switch off' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click()
    await page.getByText('Somebody else changed this since').waitFor()
    expect(await console.gate.readToken('acme/files', token.slug_perm)).toMatchObject({ is_active: true })
  })

  test('who may only look is offered no change and no secret', async () => {
    const token = await console.gate.createToken('acme/files')
    await using tab = await console.openAs('viewer')
    const { page } = tab
    await tab.goto(pageOf(token.slug_perm))
    await page.getByRole('heading', { name: 'History' }).waitFor()
    for (const name of ['Edit', 'Delete', 'Switch off', 'New secret', 'Show the secret', 'Copy the secret']) {
      expect(await page.getByRole('button', { name }).or(page.getByRole('link', { name })).count()).toBe(0)
    }
  })

  test('who may change tokens and not see figures has no history, and no errors', async () => {
    const token = await console.gate.createToken('acme/files')
    await using tab = await console.openAs('entitlements')
    const { page } = tab
    await tab.goto(pageOf(token.slug_perm))
    await page.getByRole('heading', { name: 'Clients' }).waitFor()
    expect(await page.getByRole('heading', { name: 'History' }).count()).toBe(0)
    expect(await page.getByRole('heading', { name: 'Changes' }).count()).toBe(0)
    expect(tab.faults).toEqual([])
  })

  test('a token that is not there is said to be gone', async () => {
    await using tab = await console.openTab()
    await tab.signIn()
    await tab.goto(pageOf('01JD0000000000000000000001'))
    await tab.page.getByText('This is not here, or not any more').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('a token that belongs to its owner has its page, too', async () => {
    const { body } = await console.gate.admin('POST', '/entitlements/acme/', { name: 'All of Acme' })
    const { slug_perm } = body as { slug_perm: string }
    await using tab = await console.openTab()
    await tab.signIn()
    await tab.goto(`/tokens/acme/*/${slug_perm}`)
    const { page } = tab
    await page.getByRole('heading', { name: 'All of Acme' }).waitFor()
    await page.getByLabel('In the repository').selectOption('acme/js')
    await page.getByText('No download is on record.').waitFor()
    await page.getByText('A token was made.').waitFor()
    expect(tab.faults).toEqual([])
  })
})
