import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { describeConsole, type Console, type Tab } from './console.ts'

/** Tokens whose names begin with a word of their own, so that tests do not meet each other's. */
async function makeTokens(
  { gate }: Console,
  word: string,
  count: number,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<readonly string[]> {
  const made: string[] = []
  for (let n = 1; n <= count; n++) {
    const token = await gate.createToken('acme/files', { name: `${word} ${n}`, ...fields })
    made.push(token.slug_perm)
  }
  return made
}

async function pickAll({ page, quiet }: Tab, count: number): Promise<void> {
  await page.getByLabel('All on this page').waitFor()
  // What was picked of a list that is read again need not be in it.
  await quiet()
  await page.getByLabel('All on this page').check()
  await page.getByText(`${count} tokens picked`).waitFor()
}

describeConsole((console) => {
  const read = (id: string) => console.gate.readToken('acme/files', id)

  test('tokens are switched off and on together, after a look at what would happen', async () => {
    const ids = await makeTokens(console, 'Switchable', 3)
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens?q=Switchable')
    await page.getByLabel('Pick Switchable 1').check()
    await page.getByLabel('Pick Switchable 2').check()
    await page.getByRole('button', { name: 'Switch off', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('2 tokens would be switched off').waitFor()
    expect(await read(ids[0] ?? '')).toMatchObject({ is_active: true })
    await dialog.getByRole('button', { name: 'Switch off: 2 tokens' }).click()
    await dialog.getByText('2 tokens are switched off').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    expect(await Promise.all(ids.map(read))).toMatchObject([
      { is_active: false },
      { is_active: false },
      { is_active: true },
    ])
    await pickAll(tab, 3)
    await page.getByRole('button', { name: 'Switch on', exact: true }).click()
    await dialog.getByText('2 tokens would be switched on; 1 would stay as before').waitFor()
    await dialog.getByRole('button', { name: 'Switch on: 2 tokens' }).click()
    await dialog.getByText('2 tokens are switched on').waitFor()
    expect(await Promise.all(ids.map(read))).toMatchObject(ids.map(() => ({ is_active: true })))
    expect(tab.faults).toEqual([])
  })

  test('tokens of a repository and of its owner are changed in one go', async () => {
    await makeTokens(console, 'Anywhere', 1)
    const made = await console.gate.admin('POST', '/entitlements/acme/', { name: 'Anywhere at all' })
    const { slug_perm: id } = made.body as { slug_perm: string }
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens?q=Anywhere')
    await pickAll(tab, 2)
    await page.getByRole('button', { name: 'Switch off', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Switch off: 2 tokens' }).click()
    await dialog.getByText('2 tokens are switched off').waitFor()
    const after = await console.gate.admin('GET', `/entitlements/acme/${id}/`)
    expect(after.body).toMatchObject({ is_active: false })
  })

  test('ends are moved by days, or to a day', async () => {
    const [ended = ''] = await makeTokens(console, 'Movable', 1, { limit_date_range_to: '2090-01-01' })
    const [endless = ''] = await makeTokens(console, 'Movable without end', 1)
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens?q=Movable')
    await pickAll(tab, 2)
    await page.getByRole('button', { name: 'Set the end', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Days').fill('many')
    await dialog.getByRole('button', { name: 'See what would change' }).click()
    await dialog.getByText('Write a number of days').waitFor()
    await dialog.getByLabel('Days').fill('31')
    await dialog.getByRole('button', { name: 'See what would change' }).click()
    await dialog.getByRole('button', { name: 'Set the end: 1 token' }).click()
    await dialog.getByText('1 token is given another end; 1 stayed as before').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    expect(await read(ended)).toMatchObject({ limit_date_range_to: '2090-02-01T00:00:00.000Z' })
    expect(await read(endless)).toMatchObject({ limit_date_range_to: null })
    await pickAll(tab, 2)
    await page.getByRole('button', { name: 'Set the end', exact: true }).click()
    await dialog.getByLabel('How').selectOption('All on one day')
    await dialog.getByLabel('End (UTC)').fill('2095-05-05')
    await dialog.getByRole('button', { name: 'See what would change' }).click()
    await dialog.getByRole('button', { name: 'Set the end: 2 tokens' }).click()
    await dialog.getByText('2 tokens are given another end').waitFor()
    expect(await read(endless)).toMatchObject({ limit_date_range_to: '2095-05-05T00:00:00.000Z' })
  })

  test('all that a search finds are picked over its pages, and deleted only when that is typed', async () => {
    const rows = Array.from({ length: 60 }, (_, n) => ({ name: `Deletable ${n}` }))
    const answer = await fetch(`${console.gate.adminUrl}/entitlements/acme/files/bulk/`, {
      method: 'POST',
      headers: { 'X-Api-Key': console.gate.adminKey, 'Content-Type': 'application/json' },
      body: JSON.stringify(rows),
    })
    expect(answer.status).toBe(200)
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens?q=Deletable')
    await pickAll(tab, 50)
    await page.getByRole('button', { name: 'Pick all 60 that the search finds' }).click()
    await page.getByText('60 tokens picked').waitFor()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('60 tokens would be deleted').waitFor()
    const button = dialog.getByRole('button', { name: 'Delete: 60 tokens' })
    await dialog.getByLabel('Type delete 60 tokens to confirm').fill('delete 6 tokens')
    await page.keyboard.press('Enter')
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await dialog.getByLabel('Type delete 60 tokens to confirm').fill('delete 60 tokens')
    await button.click()
    await dialog.getByText('60 tokens are deleted').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByText('No token fits.').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('what is exported is imported again and found unchanged', async () => {
    await makeTokens(console, 'Exportable, "quoted"', 2, { metadata: { note: 'a\n"b"' } })
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens?in=acme/files&q=Exportable')
    await pickAll(tab, 2)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    const text = await readFile(await download.path(), 'utf8')
    expect(text.match(/Exportable/g)).toHaveLength(2)
    expect(text.split('\r\n')).toHaveLength(4)
    await tab.goto('/tokens/import?in=acme/files')
    const file = { name: 'tokens.csv', mimeType: 'text/csv', buffer: Buffer.from(text) }
    await page.getByLabel('File of CSV or JSON').setInputFiles(file)
    await page.getByRole('button', { name: 'See what would happen' }).click()
    await page.getByText('As before: 2').waitFor()
    await page.getByText('There is nothing to do.').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('a file with mistakes names their rows, and the others can be done', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens?in=acme/files')
    await page.getByRole('link', { name: 'Import' }).click()
    await page.getByRole('button', { name: 'See what would happen' }).click()
    await page.getByText('Choose a file, or paste rows.').waitFor()
    await page.getByLabel('Or rows, pasted').fill('nmae\nSomebody')
    await page.getByRole('button', { name: 'See what would happen' }).click()
    await page.getByText('The first line has to name the columns').waitFor()
    await page
      .getByLabel('Or rows, pasted')
      .fill('name,limit_num_downloads\nImported one,5\nImported two,many\nImported three,7')
    await page.getByRole('button', { name: 'See what would happen' }).click()
    await page.getByText('Can’t be done: 1, New: 2.').waitFor()
    const first = page.getByRole('row').nth(1)
    expect(await first.innerText()).toMatch(
      /Line 3[^]*limit_num_downloads: This field must be a whole number/,
    )
    await page.getByRole('button', { name: 'Do the 2 rows that can be done' }).click()
    await page.getByRole('heading', { name: 'What was done' }).waitFor()
    const list = await console.gate.admin('GET', '/entitlements/acme/files/?query=Imported')
    expect(list.body).toMatchObject([
      { name: 'Imported one', limit_num_downloads: 5 },
      { name: 'Imported three', limit_num_downloads: 7 },
    ])
    expect(tab.faults).toEqual([])
  })

  test('JSON goes in, too', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens/import?in=acme/js')
    const text = JSON.stringify([{ name: 'From JSON', limit_packages: ['widget'] }])
    const file = { name: 'tokens.json', mimeType: 'application/json', buffer: Buffer.from(text) }
    await page.getByLabel('File of CSV or JSON').setInputFiles(file)
    await page.getByRole('button', { name: 'See what would happen' }).click()
    await page.getByRole('button', { name: 'Do all 1 row' }).click()
    await page.getByText('New: 1').waitFor()
    await page.getByRole('heading', { name: 'What was done' }).waitFor()
    const list = await console.gate.admin('GET', '/entitlements/acme/js/?query=JSON')
    expect(list.body).toMatchObject([{ name: 'From JSON', limit_packages: ['widget'] }])
  })

  test('tokens of one repository replace those of another once its name is typed', async () => {
    const old = await console.gate.createToken('acme/stable', { name: 'To be replaced' })
    await console.gate.createToken('acme/js', { name: 'To be copied' })
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    await tab.goto('/tokens?in=acme/js')
    await page.getByRole('link', { name: 'Copy to a repository' }).click()
    await page.getByLabel('And replace those of').selectOption('acme/stable')
    await page.getByRole('region', { name: 'Copied: acme/js' }).getByText('To be copied').waitFor()
    const replaced = page.getByRole('region', { name: 'Replaced: acme/stable' })
    await replaced.getByText('To be replaced').waitFor()
    await page.getByRole('button', { name: 'Replace the tokens of acme/stable' }).click()
    await page.getByLabel('Type acme/stable to confirm').fill('acme/stable')
    await page.getByRole('button', { name: 'Replace for good' }).click()
    await replaced.getByText('To be copied').waitFor()
    const gone = await console.gate.admin('GET', `/entitlements/acme/stable/${old.slug_perm}/`)
    expect(gone.status).toBe(404)
    expect(tab.faults).toEqual([])
  })

  test('what can’t be copied is said in words, and changes nothing', async () => {
    await using tab = await console.openTab()
    const { page } = tab
    await tab.signIn()
    const stable = await console.gate.admin('GET', '/entitlements/acme/stable/')
    for (const { slug_perm: id } of stable.body as { slug_perm: string }[])
      await console.gate.admin('DELETE', `/entitlements/acme/stable/${id}/`)
    await tab.goto('/tokens/copy?from=acme/stable&to=acme/js')
    await page.getByRole('button', { name: 'Replace the tokens of acme/js' }).click()
    await page.getByLabel('Type acme/js to confirm').fill('acme/js')
    await page.getByRole('button', { name: 'Replace for good' }).click()
    await page.getByText('This repository has no tokens').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('who may only look may export, and is offered no change', async () => {
    await makeTokens(console, 'Seen', 1)
    await using tab = await console.openAs('viewer')
    const { page } = tab
    await tab.goto('/tokens?q=Seen')
    await page.getByLabel('Pick Seen 1').check()
    await page.getByRole('button', { name: 'Export CSV' }).waitFor()
    for (const name of ['Switch off', 'Switch on', 'Set the end', 'Delete'])
      expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0)
    for (const path of ['/tokens/import', '/tokens/copy']) {
      await tab.goto(path)
      await page.getByRole('heading', { name: 'Not found' }).waitFor()
    }
  })
})
