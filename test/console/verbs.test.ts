import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { operationAt } from '../admin/openapi/conformance.ts'
import { OPERATIONS } from '../admin/openapi/operations.ts'
import { useConsole, type Tab } from './console.ts'
import { startReceiver } from './receiver.ts'

/** Each operation of the API is done here by clicking; at the end what browsers really sent is held against the document. */

const SAME_IN_THE_LIST = 'The list says as much of each.'
const SUMS = 'Sums of Cloudsmith’s form: the pages show the same figures by /usage/ and /packages/.'
const FOR_MACHINES = 'For machines that watch, without a key.'

/** What has no place in a console. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'POST /entitlements/{owner}/{repo}/{slug_perm}/toggle-private-broadcasts/':
    'It changes nothing: there are no broadcasts.',
  'GET /healthz': FOR_MACHINES,
  'GET /readyz': FOR_MACHINES,
  'GET /metrics': FOR_MACHINES,
  'GET /status/check/basic': FOR_MACHINES,
  'GET /rates/limits/': 'There are none.',
  'GET /repos/{owner}/': SAME_IN_THE_LIST,
  'GET /repos/{owner}/{repo}/': SAME_IN_THE_LIST,
  'GET /metrics/entitlements/{owner}/': SUMS,
  'GET /metrics/entitlements/{owner}/{repo}/': SUMS,
  'GET /metrics/packages/{owner}/{repo}/': SUMS,
  'GET /openapi.json': 'For programs. The console leads to the same as a page.',
  'GET /swagger': 'For programs. The console leads to the same as a page.',
}

const OF_OWNER = ' of an owner'

/** What there is to do: with a token of a repository, and with one of an owner, where these are not the same operation. */
const WANTED: readonly string[] = OPERATIONS.flatMap(({ title, path }) => {
  const isForBoth = path.startsWith('/entitlements/{owner}/{repo}/') && !/\{repo\}\/(?:sync\/)?$/.test(path)
  return title in ELSEWHERE ? [] : isForBoth ? [title, title + OF_OWNER] : [title]
})

const done = new Set<string>()

function note({ served }: Tab): void {
  for (const { method, path } of served) {
    // What is done with all tokens of an owner has a short form of its path.
    const whole = path.replace(/^(\/entitlements\/[^/]+)\/(bulk|export)\/$/, '$1/*/$2/')
    const title = operationAt(method, whole)?.title
    if (title === undefined) continue
    done.add(/^\/entitlements\/[^/]+\/\*\//.test(whole) ? title + OF_OWNER : title)
  }
}

const console = useConsole()

/** Signs in, does something, and keeps what was sent. Gives what the browser complained of. */
async function using(act: (tab: Tab) => Promise<void>): Promise<readonly string[]> {
  await using tab = await console.openTab()
  await tab.signInByHand()
  await act(tab)
  note(tab)
  return tab.faults
}

async function confirm(page: Page, opener: string, verb: string): Promise<void> {
  await page.getByRole('button', { name: opener, exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

async function create(repository: string, name: string): Promise<string> {
  const home = repository.replace('/*', '')
  const { status, body } = await console.gate.admin('POST', `/entitlements/${home}/`, { name })
  expect(status).toBe(201)
  return (body as { slug_perm: string }).slug_perm
}

describe.each([
  ['a repository', 'acme/files'],
  ['an owner', 'acme/*'],
])('with a token of %s', (_kind, home) => {
  test('it is made, used, watched, changed and deleted', async () => {
    const faults = await using(async (tab) => {
      const { page } = tab
      await tab.goto(`/tokens/new?in=${home}`)
      await page.getByLabel('Name', { exact: true }).fill('Made by hand')
      await page.getByLabel('Most clients', { exact: true }).fill('1')
      await page.getByLabel('Only once the license agreement is accepted').check()
      await page.getByLabel('Repositories', { exact: true }).selectOption('Only these')
      await page.getByLabel('Repositories, one a line').fill('acme/*')
      await page.getByRole('button', { name: 'Make the token' }).click()
      const secret = await page.locator('.secret').first().innerText()
      await page.getByRole('link', { name: 'Open the token' }).click()
      await page.getByText('None was accepted yet').waitFor()
      expect(await console.download(secret)).toBe(200)
      await console.accept(secret)
      await page.reload()
      await confirm(page, 'Release 127.0.0.1', 'Release')
      await page.getByText('No client has downloaded').waitFor()
      await confirm(page, 'Withdraw acme/stable', 'Withdraw')
      await page.getByText('None was accepted yet').waitFor()
      await confirm(page, 'Switch off', 'Switch off')
      await confirm(page, 'Switch on', 'Switch on')
      await confirm(page, 'Reset counters', 'Reset')
      await confirm(page, 'New secret', 'Make a new secret')
      await page.getByRole('link', { name: 'Edit' }).click()
      await page.getByLabel('Name', { exact: true }).fill('Renamed')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('heading', { name: 'Renamed' }).waitFor()
      const path = new URL(page.url()).pathname.replace('/console/tokens', '/entitlements')
      const { body } = await console.gate.admin('GET', `${path}/`)
      expect(body).toMatchObject({ name: 'Renamed', is_active: true, clients: 0, eula_accepted_at: null })
      expect(body).not.toMatchObject({ token: secret })
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await page.getByLabel('Type Renamed to confirm').fill('Renamed')
      await page.getByRole('button', { name: 'Delete for good' }).click()
      await page.getByRole('heading', { name: 'Tokens', exact: true }).waitFor()
      expect((await console.gate.admin('GET', `${path}/`)).status).toBe(404)
    })
    expect(faults).toEqual([])
  })

  test('many are exported and changed', async () => {
    const faults = await using(async (tab) => {
      const { page } = tab
      const name = `One of many in ${home.replace('/', ' ')}`
      await create(home, name)
      await tab.goto(`/tokens?q=${encodeURIComponent(`"${name}"`)}`)
      await page.getByLabel('All on this page').waitFor()
      await tab.quiet()
      await page.getByLabel('All on this page').check()
      await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export CSV' }).click(),
      ])
      await page.getByRole('button', { name: 'Switch off', exact: true }).click()
      await page.getByRole('button', { name: 'Switch off: 1 token' }).click()
      await page.getByText('1 token is switched off').waitFor()
    })
    expect(faults).toEqual([])
  })
})

test('tokens of a repository replace those of another', async () => {
  const faults = await using(async (tab) => {
    const { page } = tab
    await create('acme/js', 'To be copied')
    await tab.goto('/tokens/copy?from=acme/js&to=acme/stable')
    await page.getByRole('button', { name: 'Replace the tokens of acme/stable' }).click()
    await page.getByLabel('Type acme/stable to confirm').fill('acme/stable')
    await page.getByRole('button', { name: 'Replace for good' }).click()
    await page.getByRole('region', { name: 'Replaced: acme/stable' }).getByText('To be copied').waitFor()
  })
  expect(faults).toEqual([])
})

test('what was used is looked at, and the cache purged', async () => {
  const faults = await using(async (tab) => {
    const { page } = tab
    await page.getByRole('region', { name: 'Repositories' }).waitFor()
    await confirm(page, 'Purge the cache', 'Purge')
    await page.getByText('0 files forgotten.').waitFor()
    await page.getByRole('link', { name: 'acme/files', exact: true }).click()
    await page.getByRole('button', { name: 'Purge the cache' }).click()
    await page.getByLabel('File or folder').fill('/tools/')
    await page.getByRole('button', { name: 'Purge', exact: true }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect
      .poll(async () => {
        await page.reload()
        await page.getByRole('heading', { name: 'Usage of acme/files' }).waitFor()
        await tab.quiet()
        return page.getByRole('link', { name: 'tools/hello-1.0.txt' }).count()
      })
      .toBe(1)
    await page.getByRole('link', { name: 'tools/hello-1.0.txt' }).click()
    await page.getByRole('table', { name: 'Customers' }).waitFor()
    await tab.goto('/usage/acme/files/log')
    await page.getByRole('table', { name: 'Downloads' }).waitFor()
    await tab.goto('/audit?event=cache.purged')
    await page.getByText('2 changes').waitFor()
    for (const place of ['All of acme', 'acme/files']) {
      await page.getByLabel('Where').selectOption(place)
      await page.getByText('1 change', { exact: true }).waitFor()
    }
  })
  expect(faults).toEqual([])
})

test('who may see one repository sees what was used of it', async () => {
  const { key } = await console.makeKey('viewer', ['acme/files'])
  await using tab = await console.openTab()
  await tab.signInByHand(key)
  await tab.page.getByText(/downloads? in all/).waitFor()
  expect(tab.faults).toEqual([])
  note(tab)
})

test('a request is explained', async () => {
  const faults = await using(async (tab) => {
    const { page } = tab
    await tab.goto('/explain')
    await page.getByLabel('URL or path').fill('acme/files/tools/hello-1.0.txt')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByText('The client gets').waitFor()
  })
  expect(faults).toEqual([])
})

test('a key is made, changed, renewed and revoked', async () => {
  const faults = await using(async (tab) => {
    const { page } = tab
    await tab.goto('/keys')
    await page.getByRole('button', { name: 'New key' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Short-lived')
    await dialog.getByLabel('Repositories that it covers').fill('acme/*')
    await dialog.getByRole('button', { name: 'Make the key' }).click()
    await dialog.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('button', { name: 'Edit: Short-lived' }).click()
    await dialog.getByLabel('Name').fill('Shorter')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Renew: Shorter' }).click()
    await dialog.getByRole('button', { name: 'Make a new key' }).click()
    await dialog.getByRole('button', { name: 'I have kept it' }).click()
    await confirm(page, 'Revoke: Shorter', 'Revoke for good')
  })
  expect(faults).toEqual([])
})

test('a webhook is made, tried, tried again, changed and deleted', async () => {
  const faults = await using(async (tab) => {
    await using receiver = await startReceiver()
    const { page } = tab
    await tab.goto('/webhooks')
    await page.getByRole('button', { name: 'New webhook' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Target').fill(receiver.url)
    await dialog.getByRole('button', { name: 'Make the webhook' }).click()
    await dialog.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('link', { name: receiver.url }).click()
    await page.getByRole('button', { name: 'Send a trial' }).click()
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Look again' }).click()
        await tab.quiet()
        return page.getByRole('button', { name: 'Send again' }).count()
      })
      .toBe(1)
    await page.getByRole('button', { name: 'Send again' }).click()
    await expect.poll(() => receiver.events.length).toBe(2)
    await page.getByRole('button', { name: 'Edit' }).click()
    await dialog.getByLabel('Switched on').uncheck()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Switched off', { exact: true }).waitFor()
    await confirm(page, 'Delete', 'Delete for good')
  })
  expect(faults).toEqual([])
})

test('the description of the API is a click away, and one can sign out', async () => {
  const faults = await using(async (tab) => {
    const { page } = tab
    const [description] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('link', { name: 'API' }).click(),
    ])
    await description.getByRole('heading', { name: 'Postern management API' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })
  expect(faults).toEqual([])
})

test('so every operation of the API is done in the console, but those that have no place there', () => {
  expect(WANTED.filter((title) => !done.has(title))).toEqual([])
  const titles = new Set(OPERATIONS.map(({ title }) => title))
  expect(Object.keys(ELSEWHERE).filter((title) => !titles.has(title) || done.has(title))).toEqual([])
})
