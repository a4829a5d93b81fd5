import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { describeConsole } from './console.ts'

describeConsole((console) => {
  let [id, secret] = ['', '']
  beforeAll(async () => {
    const token = await console.gate.createToken('acme/files', { name: 'Example Ltd' })
    id = token.slug_perm
    secret = token.token
    const refused = await console.gate.createToken('acme/files', { name: 'Refused Ltd', is_active: false })
    const other = await console.gate.createToken('acme/files', { name: 'Other Ltd' })
    for (const each of [token, token, other, refused]) await console.download(each.token)
    await console.recorded(token.slug_perm, 2)
    await console.recorded(other.slug_perm, 1)
  })

  test('the overview tells who used and was refused most, and leads there', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    const most = page.getByRole('table', { name: 'Most downloads' })
    const refused = page.getByRole('table', { name: 'Refused most' }).getByText('Token disabled (1 ×)')
    // Refusals are written down a little later than downloads.
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Read again' }).click()
        await tab.quiet()
        return [await refused.isVisible(), ...(await most.getByRole('link').allTextContents())]
      })
      .toEqual(expect.arrayContaining([true, 'Example Ltd', 'Other Ltd']))
    await page.getByText('downloads in all').waitFor()
    await page.getByRole('button', { name: 'Refusals' }).click()
    await page.getByText('1 refusal in all').waitFor()
    await page.getByLabel('Time').selectOption('Last 24 hours')
    await page.getByRole('table', { name: 'Refused most' }).getByRole('link', { name: 'Refused Ltd' }).click()
    await page.getByRole('heading', { name: 'Refused Ltd' }).waitFor()
    expect(tab.faults).toEqual([])
  })

  test('the lists of who used most are as wide as each other', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await page.getByRole('region', { name: 'Most sent', exact: true }).waitFor()
    await tab.quiet()
    const widthOf = async (name: string): Promise<number | undefined> =>
      (await page.getByRole('region', { name, exact: true }).boundingBox())?.width
    expect(await widthOf('Most downloads')).toBe(await widthOf('Most sent'))
  })

  test('packages of a repository lead to who downloaded them, and to each download', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await page.getByRole('link', { name: 'acme/files', exact: true }).click()
    await page.getByText('1 package', { exact: true }).waitFor()
    await page.getByRole('searchbox').fill('nothing')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByText('No package fits.').waitFor()
    await page.getByRole('searchbox').fill('hello')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('table', { name: 'Packages' }).getByRole('link').first().click()
    await page.getByRole('heading', { name: /^Who downloaded/ }).waitFor()
    await page.getByText('2 rows').waitFor()
    await page.getByRole('link', { name: 'Example Ltd' }).click()
    await page.getByRole('table', { name: 'Downloads' }).waitFor()
    expect(new URL(page.url()).searchParams.get('token')).toBe(id)
    await expect.poll(() => page.getByRole('row').count()).toBe(3)
    expect(tab.faults).toEqual([])
  })

  test('the log is filtered, and exported as it is filtered', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/usage/acme/files/log')
    await expect.poll(() => page.getByRole('row').count()).toBe(4)
    await page.getByRole('button', { name: 'Other Ltd' }).click()
    await expect.poll(() => page.getByRole('row').count()).toBe(2)
    const saving = page.waitForEvent('download')
    await page.getByRole('link', { name: 'As JSON lines' }).click()
    const lines = (await readFile(await (await saving).path(), 'utf8')).trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { token_name: string }).token_name)).toEqual([
      'Other Ltd',
    ])
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByLabel('Client').fill('203.0.113.9')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByText('No download that fits is on record.').waitFor()
    expect(await page.content()).not.toContain(secret)
    expect(tab.faults).toEqual([])
  })

  test('who may see figures only sees packages, and no customer', async () => {
    await using tab = await console.openAs('metrics')
    const { page } = tab
    await page.getByRole('link', { name: 'acme/files', exact: true }).click()
    await page.getByRole('table', { name: 'Packages' }).waitFor()
    expect(await page.getByRole('table', { name: 'Packages' }).getByRole('link').count()).toBe(0)
    await tab.goto('/usage/acme/files/log')
    await page.getByRole('heading', { name: 'Not found' }).waitFor()
    await tab.goto('/usage/acme/nowhere')
    await page.getByRole('heading', { name: 'Not found' }).waitFor()
    expect(tab.faults).toEqual([])
  })
})
