import { parseArgs } from 'node:util'

/** How long and how often things are measured. */
export interface Pace {
  readonly rounds: number
  readonly firstWarmUpMs: number
  readonly warmUpMs: number
  readonly runMs: number
  readonly refusalMs: number
  /** Of long workloads each so-many-th answer is looked at beforehand; prime to how their requests repeat. */
  readonly checkStride: number
  /** Before each measurement with many tokens: until those in rotation are known again, and fresh servers have got going. */
  readonly manyTokensWarmUpMs: number
  /** Numbers of tokens that stores hold. */
  readonly tokens: readonly number[]
  /** Of each kind of call of the management API. */
  readonly managementCalls: number
}

const FULL: Pace = {
  rounds: 3,
  firstWarmUpMs: 8_000,
  warmUpMs: 500,
  runMs: 3_000,
  refusalMs: 2_000,
  checkStride: 7,
  manyTokensWarmUpMs: 6_000,
  tokens: [1, 1_000, 1_000_000],
  managementCalls: 400,
}
const QUICK: Pace = {
  rounds: 1,
  firstWarmUpMs: 400,
  warmUpMs: 400,
  runMs: 800,
  refusalMs: 500,
  checkStride: 61,
  manyTokensWarmUpMs: 400,
  tokens: [1, 1_000, 20_000],
  managementCalls: 60,
}

export interface Options {
  readonly pace: Pace
  /** The memory is watched, nothing else measured. */
  readonly memory: boolean
  /** The management API is measured, nothing else. */
  readonly management: boolean
  /** Profiles of Postern are written there: of its CPU time, with `memory` of its heap. */
  readonly profile: string | undefined
  /** Whether this row is to be measured. */
  readonly isWanted: (group: string, name: string) => boolean
}

/** @throws TypeError of parseArgs for what is not an option. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      memory: { type: 'boolean', default: false },
      management: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      profile: { type: 'string' },
    },
  })
  const only = values.only.split(',').filter(Boolean)
  return {
    pace: values.quick ? QUICK : FULL,
    memory: values.memory,
    management: values.management,
    profile: values.profile,
    isWanted: (group, name) => only.length === 0 || only.some((word) => `${group} ${name}`.includes(word)),
  }
}
