import { randomInt } from 'node:crypto'
import { ulid } from 'ulid'
import { expect, test } from 'vitest'
import { ensureDemoKey, renderWelcome } from '../../src/app/demo.ts'
import { startApi } from '../admin/api.ts'

const options = { clock: () => Date.UTC(2030, 0, 1), newId: () => ulid(), randomInt }

test('the key of the demo is the same with each start, and works', async () => {
  await using api = await startApi()
  const key = await ensureDemoKey(api, options)
  expect(key).toMatch(/^pmk[0-9A-Za-z]{32}$/)
  expect(await ensureDemoKey(api, options)).toBe(key)
  const self = await api.send('/user/self/', { headers: { 'X-Api-Key': key ?? '' } })
  expect(self.body).toMatchObject({ name: 'demo', role: 'admin' })
  expect((await api.call('GET', '/keys/')).body).toHaveLength(2)
})

test('once it is revoked it stays so', async () => {
  await using api = await startApi()
  const key = (await ensureDemoKey(api, options)) ?? ''
  const { id = '' } = (await api.store.keys.find(api.keeper.digest(key))) ?? {}
  await api.call('DELETE', `/keys/${id}/`)
  expect(await ensureDemoKey(api, options)).toBeUndefined()
  expect((await api.send('/user/self/', { headers: { 'X-Api-Key': key } })).status).toBe(401)
})

test('the welcome names the console, and a key only where it may be shown', () => {
  const facts = { secret: 'S', gateUrl: 'http://127.0.0.1:1', adminUrl: 'http://127.0.0.1:2' }
  const shown = renderWelcome({ ...facts, adminKey: 'K' })
  expect(shown).toContain('export POSTERN_API_KEY=K\n')
  expect(shown).toContain('  http://127.0.0.1:2/console/\n')
  expect(renderWelcome({ ...facts, adminKey: undefined })).not.toContain('POSTERN_API_KEY=')
})
