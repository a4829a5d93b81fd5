import { expect, test } from 'vitest'
import { createStoreHealth } from '../../src/store/health.ts'

/** A store that answers as the test says, and what was heard of it. */
function setUp() {
  const state = { answers: false, recovers: true }
  const heard: string[] = []
  const pauses: (() => void)[] = []
  const health = createStoreHealth({
    ping: async () => {
      heard.push('ping')
      if (!state.answers) throw new Error('gone')
    },
    pause: () => new Promise((resolve) => pauses.push(resolve)),
    probeMs: 250,
    recover: async () => {
      heard.push(`recover while ${health.state()}`)
      if (!state.recovers) throw new Error('gone again')
    },
    onDown: () => heard.push('down'),
    onUp: () => heard.push('up'),
  })
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const probe = async (): Promise<void> => {
    pauses.splice(0).forEach((resume) => resume())
    await settle()
  }
  return { state, heard, health, settle, probe }
}

test('a failed call of a store that answers changes nothing', async () => {
  const { state, heard, health, settle } = setUp()
  state.answers = true
  health.suspect()
  await settle()
  expect([health.state(), heard]).toEqual(['up', ['ping']])
})

test('a store that does not answer is down until it does, and told of once', async () => {
  const { state, heard, health, settle, probe } = setUp()
  for (let call = 0; call < 50; call++) health.suspect()
  await settle()
  expect([health.state(), heard.splice(0)]).toEqual(['down', ['ping', 'down']])
  await probe()
  await probe()
  health.suspect()
  expect([health.state(), heard.splice(0)]).toEqual(['down', ['ping', 'ping']])
  state.answers = true
  await probe()
  expect([health.state(), heard.splice(0)]).toEqual(['up', ['ping', 'recover while returning', 'up']])
  state.answers = false
  health.suspect()
  await settle()
  expect([health.state(), heard]).toEqual(['down', ['ping', 'down']])
})

test('a store that fails again while it is told what it missed is down again', async () => {
  const { state, heard, health, settle, probe } = setUp()
  health.suspect()
  await settle()
  Object.assign(state, { answers: true, recovers: false })
  await probe()
  expect(health.state()).toBe('down')
  state.recovers = true
  await probe()
  expect(health.state()).toBe('up')
  expect(heard.filter((each) => each === 'down' || each === 'up')).toEqual(['down', 'up'])
})

test('nothing is asked after the end', async () => {
  const { state, heard, health, settle, probe } = setUp()
  health.suspect()
  await settle()
  health.close()
  state.answers = true
  await probe()
  health.suspect()
  await settle()
  expect(heard).not.toContain('up')
  expect(heard.filter((each) => each === 'ping').length).toBeLessThanOrEqual(2)
})
