import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCircuit, type Circuit, type Pass } from '../../../src/deliver/upstreams/circuit.ts'

const RETRY_MS = 1_000

interface Rig {
  readonly circuit: Circuit
  readonly told: string[]
  readonly wait: (ms: number) => void
}

function rig(failures = 2, retryMs = RETRY_MS): Rig {
  let now = 0
  const told: string[] = []
  const circuit = createCircuit({
    failures,
    retryMs,
    monotonic: () => now,
    onDown: () => told.push('down'),
    onUp: () => told.push('up'),
  })
  return { circuit, told, wait: (ms) => void (now += ms) }
}

function enter(circuit: Circuit): Pass {
  const pass = circuit.enter()
  if (pass === undefined) throw new Error('it lets nobody in')
  return pass
}

describe('requests', () => {
  test('take it down when so many failed one after the other, which is told once', () => {
    const { circuit, told } = rig(3)
    for (const end of ['fail', 'fail', 'succeed', 'fail', 'fail'] as const) enter(circuit)[end]()
    expect(circuit.state()).toBe('up')
    const [last, late] = [enter(circuit), enter(circuit)]
    last.fail()
    late.fail()
    expect(circuit.state()).toBe('down')
    expect(circuit.enter()).toBeUndefined()
    expect(told).toEqual(['down'])
  })

  test('of clients that went say nothing', () => {
    const { circuit } = rig()
    enter(circuit).fail()
    enter(circuit).leave()
    expect(circuit.state()).toBe('up')
    enter(circuit).fail()
    expect(circuit.state()).toBe('down')
  })

  test('are let in one at a time after a while, until one is answered', () => {
    const { circuit, told, wait } = rig(1)
    enter(circuit).fail()
    wait(RETRY_MS - 1)
    expect(circuit.enter()).toBeUndefined()
    wait(1)
    expect(circuit.state()).toBe('half_open')
    const first = enter(circuit)
    expect(circuit.enter()).toBeUndefined()
    first.fail()
    expect([circuit.state(), circuit.enter()]).toEqual(['down', undefined])
    wait(RETRY_MS)
    enter(circuit).leave()
    const second = enter(circuit)
    expect(circuit.enter()).toBeUndefined()
    second.succeed()
    expect(circuit.state()).toBe('up')
    expect(told).toEqual(['down', 'up'])
  })

  test('that began before it went down say nothing about it afterwards', () => {
    const { circuit, wait } = rig(1)
    const [early, slow] = [enter(circuit), enter(circuit)]
    enter(circuit).fail()
    early.succeed()
    expect(circuit.state()).toBe('down')
    wait(RETRY_MS)
    const trial = enter(circuit)
    slow.fail()
    expect(circuit.state()).toBe('half_open')
    trial.succeed()
    expect(circuit.state()).toBe('up')
  })
})

describe('checks', () => {
  test('take it down without a request, and bring it up again by two that are good', () => {
    const { circuit, told } = rig(2, Infinity)
    circuit.checked(false)
    circuit.checked(true)
    circuit.checked(false)
    expect(circuit.state()).toBe('up')
    circuit.checked(false)
    expect(circuit.state()).toBe('down')
    circuit.checked(true)
    expect(circuit.state()).toBe('half_open')
    circuit.checked(true)
    expect(circuit.state()).toBe('up')
    expect(told).toEqual(['down', 'up'])
  })

  test('are no proof while requests fail, nor while one tries', () => {
    const { circuit, wait } = rig(2, Infinity)
    enter(circuit).fail()
    circuit.checked(true)
    enter(circuit).fail()
    expect(circuit.state()).toBe('down')
    wait(1_000_000)
    expect(circuit.enter()).toBeUndefined()
    circuit.checked(true)
    const trial = enter(circuit)
    circuit.checked(true)
    circuit.checked(false)
    expect(circuit.state()).toBe('half_open')
    trial.fail()
    expect(circuit.state()).toBe('down')
  })

  test('that fail take it down again while it is half open', () => {
    const { circuit, told } = rig(1, Infinity)
    circuit.checked(false)
    circuit.checked(true)
    circuit.checked(false)
    expect(circuit.state()).toBe('down')
    expect(told).toEqual(['down'])
  })
})

test('whatever happens, what is down lets nobody in, what is half open one at most, and it can always come back', () => {
  const step = fc.oneof(
    fc.constantFrom('enter', 'succeed', 'fail', 'leave', 'well', 'unwell'),
    fc.integer({ min: 1, max: 2 * RETRY_MS }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, failures) => {
      const { circuit, told, wait } = rig(failures)
      const passes: Pass[] = []
      const wrong: string[] = []
      let trials = 0
      for (const each of steps) {
        const before = circuit.state()
        if (typeof each === 'number') wait(each)
        else if (each === 'well' || each === 'unwell') circuit.checked(each === 'well')
        else if (each === 'enter') {
          const pass = circuit.enter()
          if (pass !== undefined) passes.push(pass)
          if (before === 'half_open' && pass !== undefined) trials++
          if ((before === 'down') !== (pass === undefined) && before !== 'half_open') wrong.push(before)
        } else {
          passes.shift()?.[each]()
          trials = 0
        }
        if (trials > 1) wrong.push('two at a time')
        if (circuit.state() !== 'half_open') trials = 0
      }
      expect(wrong).toEqual([])
      // Told in turns, beginning with "down".
      expect(told.every((each, at) => each === (at % 2 === 0 ? 'down' : 'up'))).toBe(true)
      for (const pass of passes) pass.leave()
      wait(RETRY_MS)
      circuit.enter()?.succeed()
      expect(circuit.state()).toBe('up')
    }),
  )
})
