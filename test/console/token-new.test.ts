import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeConsole } from './console.ts'

async function fill(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, text] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(text)
}

async function onlyThese(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).selectOption('Only these')
  await page.getByLabel(`${label}, one a line`).fill(text)
}

describeConsole((console) => {
  test('a token is made with all that can be said of one, and its secret works', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens?in=acme/files')
    await page.getByRole('link', { name: 'New token' }).click()
    await fill(page, {
      Name: 'Whole Ltd',
      'Secret of your own': 'chosen-by-hand-1',
      'Works from (UTC)': '2020-01-01T00:00',
      'Works until (UTC)': '2099-01-01T00:00',
      'Most downloads': '100',
      'Most clients': '5',
      'Clients are forgotten after': '30d',
      'Most bandwidth': '2',
      'Requests a second': '50.5',
      'Downloads at once': '3',
      'Periods counted from (UTC)': '2024-01-01T00:00',
      'Package query': 'format:raw',
      'Path query': '^/tools/',
      'Published until (UTC)': '2098-01-01T00:00',
    })
    await page.getByLabel('Unit of bandwidth').selectOption('Gigabyte')
    await page.getByLabel('Counts anew').selectOption('Monthly')
    await page.getByLabel('Its time begins with the first download').check()
    await page.getByLabel('Only once the license agreement is accepted').check()
    await onlyThese(page, 'Repositories', 'acme/files\nacme/j*')
    await onlyThese(page, 'Packages', '**')
    await onlyThese(page, 'Networks', '127.0.0.0/8\n::1')
    await fill(page, { 'Name 1': 'customer', 'Value 1': '4711' })
    await page.getByRole('button', { name: 'Make the token' }).click()
    await page.getByRole('heading', { name: 'The token is made' }).waitFor()
    await page.getByText('chosen-by-hand-1', { exact: true }).waitFor()
    await page.getByRole('heading', { name: 'Set-up for the customer' }).waitFor()
    expect(await console.download('chosen-by-hand-1')).toBe(200)
    await page.getByRole('link', { name: 'Open the token' }).click()
    await page.getByRole('heading', { name: 'Whole Ltd' }).waitFor()
    const id = page.url().split('/').at(-1) ?? ''
    expect(await console.gate.readToken('acme/files', id)).toMatchObject({
      is_active: true,
      limit_date_range_from: '2020-01-01T00:00:00.000Z',
      limit_date_range_to: '2099-01-01T00:00:00.000Z',
      starts_on_first_download: true,
      eula_required: true,
      limit_num_downloads: 100,
      limit_num_clients: 5,
      clients_window: 2_592_000,
      limit_bandwidth: 2,
      limit_bandwidth_unit: 'Gigabyte',
      limit_rate: 50.5,
      limit_concurrency: 3,
      scheduled_reset_period: 'Monthly',
      scheduled_reset_at: '2024-01-01T00:00:00.000Z',
      repositories: ['acme/files', 'acme/j*'],
      limit_packages: ['**'],
      limit_package_query: 'format:raw',
      limit_path_query: '^/tools/',
      limit_published_until: '2098-01-01T00:00:00.000Z',
      limit_networks: ['127.0.0.0/8', '::1'],
      metadata: { customer: 4711 },
    })
    expect(tab.faults).toEqual([])
  })

  test('the preview says which packages the rules open, as they are typed', async () => {
    const token = await console.gate.createToken('acme/files')
    expect(await console.download(token.token)).toBe(200)
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    // What was downloaded is known within seconds.
    await expect
      .poll(async () => (await console.gate.admin('GET', '/packages/acme/files/')).body)
      .toMatchObject([{ filename: 'hello-1.0.txt' }])
    await tab.goto('/tokens/new?in=acme/files')
    const verdicts = page.locator('.verdicts')
    await verdicts.getByText('Opens 1 package').waitFor()
    await onlyThese(page, 'Packages', 'other/**')
    await verdicts.getByText('Keeps out 1 package').waitFor()
    await page.getByLabel('Packages, one a line').fill('tools/**')
    await verdicts.getByText('Opens 1 package').waitFor()
    await page.getByLabel('Path query', { exact: true }).fill('^/other/')
    await verdicts.getByText('Keeps out 1 package').waitFor()
    await page.getByLabel('Path query', { exact: true }).fill('(')
    await page.getByText('Mend the mistakes above first.').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('two entries of one name, and a secret that is taken, are said in words', async () => {
    const taken = await console.gate.createToken('acme/files', { token: 'taken-already' })
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens/new?in=acme/files')
    await fill(page, { Name: 'Second', 'Secret of your own': taken.token, 'Name 1': 'a', 'Value 1': 'x' })
    await page.getByRole('button', { name: 'Add an entry' }).click()
    await fill(page, { 'Name 2': 'a', 'Value 2': 'y' })
    await page.getByText('There are two entries with the name "a".').waitFor()
    await page.getByRole('button', { name: 'Remove entry 2' }).click()
    await page.getByRole('button', { name: 'Make the token' }).click()
    await page.locator('input[aria-invalid]').waitFor()
    expect(await page.locator('input[aria-invalid]').inputValue()).toBe('taken-already')
    expect(await page.getByLabel('Value 1').inputValue()).toBe('x')
  })

  test('an entry of metadata stands in one line with what removes it', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens/new?in=acme/files')
    await page.getByLabel('Value 1').waitFor()
    // What comes late moves the form.
    await tab.quiet()
    const value = await page.getByLabel('Value 1').boundingBox()
    const remove = await page.getByRole('button', { name: 'Remove entry 1' }).boundingBox()
    expect(value && remove && remove.x >= value.x + value.width).toBe(true)
    expect(value && remove && remove.y < value.y + value.height).toBe(true)
  })

  test('a new secret can be one’s own, and a bad one is said in words', async () => {
    const token = await console.gate.createToken('acme/files')
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto(`/tokens/acme/files/${token.slug_perm}`)
    await page.getByRole('button', { name: 'New secret' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Secret of your own').fill('short')
    await dialog.getByRole('button', { name: 'Make a new secret' }).click()
    await dialog.getByText('8 to 48 letters').waitFor()
    await dialog.getByLabel('Secret of your own').fill('renewed-by-hand')
    await dialog.getByRole('button', { name: 'Make a new secret' }).click()
    await page.getByText('The token has a new secret.').waitFor()
    expect(await console.download('renewed-by-hand')).toBe(200)
    expect(await console.download(token.token)).toBe(200)
  })

  test('who may only look is offered no new token', async () => {
    await using tab = await console.openAs('viewer')
    await tab.goto('/tokens')
    await tab.page.getByRole('heading', { name: 'Tokens', exact: true }).waitFor()
    expect(await tab.page.getByRole('link', { name: 'New token' }).count()).toBe(0)
    await tab.goto('/tokens/new')
    await tab.page.getByRole('heading', { name: 'Not found' }).waitFor()
  })
})
