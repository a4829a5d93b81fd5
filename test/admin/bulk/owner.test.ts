import { expect, test } from 'vitest'
import { startApi, TOKENS, useApi, type Json } from '../api.ts'
import { callAs } from '../call-as.ts'
import { clear, outcomesOf, reportOf, sendRows } from './send.ts'

const api = useApi()
const path = '/entitlements/acme/'

async function ownTokens(): Promise<readonly Json[]> {
  const { text } = await api.call('GET', `${path}export/?show_tokens=true`)
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Json]))
}

test('tokens that belong to an owner are made, changed, exported and deleted', async () => {
  const rows = [
    { name: 'Everything', token: 'opens-everything' },
    { name: 'Some', repositories: ['acme/st*'] },
  ]
  const made = await sendRows(api, rows, '', { path })
  expect(outcomesOf(made)).toEqual(['created', 'created'])
  expect(await ownTokens()).toMatchObject([
    { name: 'Everything', token: 'opens-everything', repositories: ['acme/*'] },
    { name: 'Some', repositories: ['acme/st*'] },
  ])
  const [{ slug_perm: id } = {}] = reportOf(made).rows
  expect((await api.call('GET', `${path}${String(id)}/`)).body).toMatchObject({ repository: null })
  const changed = await sendRows(api, [{ name: 'Some', repositories: null }], '', { path })
  expect(reportOf(changed).rows).toMatchObject([{ result: 'changed', changes: ['repositories'] }])
  const csv = await api.call('GET', `${path}export/?format=csv`)
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="acme-tokens.csv"')
  expect(outcomesOf(await sendRows(api, csv.text, '', { path }))).toEqual(['unchanged', 'unchanged'])
  expect(outcomesOf(await sendRows(api, csv.text, '?action=delete', { path }))).toEqual([
    'deleted',
    'deleted',
  ])
  expect(await ownTokens()).toEqual([])
})

test('they open nothing of others, and share no secret with a token of the owner', async () => {
  await clear(api)
  await api.create({ name: 'There', token: 'taken-by-stable' })
  const rows = [
    { name: 'There' },
    { name: 'Beyond', repositories: ['other/*'] },
    { name: 'Twice', token: 'taken-by-stable' },
  ]
  expect(outcomesOf(await sendRows(api, rows, '?partial=true', { path }))).toEqual([
    'created',
    { repositories: ['[0] A token that belongs to acme opens repositories of acme only, like acme/*.'] },
    { token: ['Another token of this repository, or of its owner, has this secret.'] },
  ])
  const found = await sendRows(api, [{ token: 'taken-by-stable', name: 'x' }], '?match=secret', { path })
  expect(outcomesOf(found)).toEqual([
    { token: ['Another token of this repository, or of its owner, has this secret.'] },
  ])
  expect(outcomesOf(await sendRows(api, [{ name: 'There' }], '?action=delete', { path }))).toEqual([
    'deleted',
  ])
  expect((await api.call('GET', TOKENS)).body).toMatchObject([{ name: 'There' }])
})

test('only a key that covers all of the owner may do it', async () => {
  const { secret: key } = await callAs(api, { role: 'entitlements', repositories: ['acme/stable'] })
  expect((await sendRows(api, [{ name: 'x' }], '', { path, key })).status).toBe(404)
  const { secret } = await callAs(api, { role: 'entitlements', repositories: ['acme/*'] })
  expect((await sendRows(api, [{ name: 'x' }], '?dry_run=1', { path, key: secret })).status).toBe(200)
})

test('a repository that is called like the word is that repository', async () => {
  const repository = { owner: 'acme', repo: 'bulk', format: 'deb', public: false } as const
  await using own = await startApi({ repositories: () => new Map([['acme/bulk', repository]]) })
  const made = await own.call('POST', '/entitlements/acme/bulk/', { name: 'One' })
  expect([made.status, made.body]).toMatchObject([201, { name: 'One', repository: 'acme/bulk' }])
  const longer = await sendRows(own, [{ name: 'All' }], '', { path: '/entitlements/acme/*/' })
  expect(outcomesOf(longer)).toEqual(['created'])
  expect((await own.call('GET', '/entitlements/acme/bulk/')).body).toMatchObject([{ name: 'One' }])
})
