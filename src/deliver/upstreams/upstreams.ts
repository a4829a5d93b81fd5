import { isUnavailable } from '../away.ts'
import type { Answer, Deliverer, DeliveryOrder, Unavailable } from '../contract.ts'
import { attempt, LATE } from './attempt.ts'
import { isWell, repeat, type Question } from './check.ts'
import { createCircuit, type Circuit, type UpstreamState } from './circuit.ts'

/** One of several storages that have the same files. */
export interface Upstream {
  /** Makes what asks it. `onFailure` is told why it failed. Checks have one of their own, so that a busy one is not taken for a dead one. */
  readonly create: (onFailure: (error: Error) => void) => Deliverer
  /** undefined: it is not checked. */
  readonly check: (Question & { readonly intervalMs: number }) | undefined
}

export interface UpstreamsOptions {
  /** So many requests, or checks, in a row have to fail until a storage is left alone. */
  readonly failures: number
  /** How long it is left alone, where it is not checked. */
  readonly retryMs: number
  /** Longest wait for one storage. */
  readonly attemptMs: number
  /** Longest wait for all of them together. */
  readonly totalMs: number
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
  /** Told why a storage failed a request. */
  readonly onFailure: (error: Error) => void
  /** `at` counts from 0, in their order. */
  readonly onDown: (at: number, why: Error | undefined) => void
  readonly onUp: (at: number) => void
  /** A request is taken on to the next, because this one did not answer it. */
  readonly onFailover: (at: number) => void
}

/** Several storages as one. */
export interface Upstreams extends Deliverer {
  /** In their order. */
  readonly states: () => readonly UpstreamState[]
  /** The one that would be asked first now. */
  readonly preferred: () => number
}

interface Member {
  readonly at: number
  readonly deliverer: Deliverer
  readonly circuit: Circuit
  /** What is said in its place while nobody asks it. */
  refusal: Unavailable
  why: Error | undefined
}

/** A storage that is down is checked so often, if not oftener. */
const DOWN_INTERVAL_MS = 1_000
const FAILED: Unavailable = { ...LATE, code: 'upstream_failed' }

/**
 * Delivers from the first of several storages that answers, in their order, so that all go back to the first when it is well again. The next one
 * is asked only where there was no answer: no connection, nothing in time, or 502, 503 and 504; never in the middle of a body, and never for a
 * 404, which is an answer. One that failed too often is left alone (circuit.ts). When none is left to ask, that is a refusal at once, the first
 * one's: 502 or 504 as with a single storage. However many there are, `totalMs` is all that a client waits.
 */
export function createUpstreams(upstreams: readonly Upstream[], options: UpstreamsOptions): Upstreams {
  const members = upstreams.map((upstream, at) => createMember(upstream, at, options))
  const checks = upstreams.flatMap((upstream, at) => {
    const member = members[at]
    return member === undefined ? [] : startChecks(upstream, member)
  })
  return {
    open: (order) => open(members, options, order),
    states: () => members.map(({ circuit }) => circuit.state()),
    preferred: () =>
      Math.max(
        0,
        members.findIndex(({ circuit }) => circuit.state() === 'up'),
      ),
    close: async () => {
      await Promise.all([
        ...checks.map((stop) => stop()),
        ...members.map(({ deliverer }) => deliverer.close()),
      ])
    },
  }
}

function createMember({ create, check }: Upstream, at: number, options: UpstreamsOptions): Member {
  const { failures, monotonic, onFailure, onDown, onUp } = options
  const circuit = createCircuit({
    failures,
    retryMs: check === undefined ? options.retryMs : Infinity,
    monotonic,
    onDown: () => onDown(at, member.why),
    onUp: () => onUp(at),
  })
  const deliverer = create((error) => {
    member.why = error
    onFailure(error)
  })
  const member: Member = { at, deliverer, circuit, refusal: FAILED, why: undefined }
  return member
}

/** Gives what stops them; resolves when the last one has ended. */
function startChecks({ create, check }: Upstream, member: Member): (() => Promise<void>)[] {
  if (check === undefined) return []
  const deliverer = create((error) => {
    member.why = error
  })
  let isOver = false
  const ask = async (): Promise<void> => {
    const verdict = await isWell(deliverer, check)
    // What is closed answers nothing.
    if (!isOver) member.circuit.checked(verdict)
  }
  const pauseMs = (): number =>
    member.circuit.state() === 'up' ? check.intervalMs : Math.min(check.intervalMs, DOWN_INTERVAL_MS)
  const stop = repeat(ask, pauseMs)
  return [
    () => {
      isOver = true
      stop()
      return deliverer.close()
    },
  ]
}

async function open(
  members: readonly Member[],
  options: UpstreamsOptions,
  order: DeliveryOrder,
): Promise<Answer> {
  const { monotonic, totalMs, attemptMs, onFailover } = options
  const dueAt = monotonic() + totalMs
  let isGone = false
  order.onGone(() => {
    isGone = true
  })
  let failed: Member | undefined
  for (const member of members) {
    const leftMs = dueAt - monotonic()
    if (leftMs <= 0 || isGone) break
    const pass = member.circuit.enter()
    if (pass === undefined) continue
    if (failed !== undefined) onFailover(failed.at)
    const answer = await attempt(member.deliverer, order, Math.min(leftMs, attemptMs), () => {
      member.why = new Error(
        `the storage did not answer within ${Math.round(Math.min(leftMs, attemptMs))} ms`,
      )
      options.onFailure(member.why)
    })
    if (!isUnavailable(answer)) {
      if (isGone && !answer.ok) pass.leave()
      else pass.succeed()
      return fromMember(answer, member)
    }
    member.refusal = answer
    failed = member
    pass.fail()
  }
  return (failed ?? members[0])?.refusal ?? FAILED
}

function fromMember(answer: Answer, { at }: Member): Answer {
  return answer.ok && at > 0 ? { ...answer, source: at } : answer
}
