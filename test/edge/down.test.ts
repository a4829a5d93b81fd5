import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get } from '../support/requests.ts'
import { PLAIN_DEMO } from './fronts/figures.ts'
import { STABLE } from './fronts/front.ts'
import { PROXIES } from './fronts/fronts.ts'

let storage: Storage

beforeAll(async () => {
  storage = await startStorage('deb', 'npm')
}, 120_000)

afterAll(async () => {
  await storage?.[Symbol.asyncDispose]()
})

test.each(PROXIES)(
  '$name sends nothing while nobody decides',
  async ({ name, start }) => {
    await using front = await start(storage, { door: 'h2' })
    const { token } = await front.gate.createToken(STABLE)
    const ask = () => get(`${front.look}/${token}/${STABLE}/${PLAIN_DEMO}`)
    expect((await ask()).status).toBe(200)
    await front.gate.stop('SIGKILL')
    const { status, body } = await ask()
    expect([500, 502, 503]).toContain(status)
    expect(body.length).toBeLessThan(1_000)
    // nginx names the request in what it says of a failure, whatever it is told.
    const said = name.startsWith('nginx') ? '' : front.server?.output()
    expect(said).not.toContain(token)
  },
  120_000,
)
