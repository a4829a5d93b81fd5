import { counted } from './figures.ts'

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

type Unit = readonly [letter: string, noun: string, seconds: number]

const SECOND: Unit = ['s', 'second', 1]
const LARGEST_FIRST: readonly Unit[] = [
  ['d', 'day', 86_400],
  ['h', 'hour', 3_600],
  ['m', 'minute', 60],
]

/** The largest unit that so many seconds are a whole number of. */
function unitOf(seconds: number): Unit {
  return LARGEST_FIRST.find(([, , each]) => seconds >= each && seconds % each === 0) ?? SECOND
}

/** Seconds of what somebody typed: `30d`, `12h`, `90m`, `45s`, `2w`. A number alone is seconds. undefined: it is none of these. */
export function secondsOf(typed: string): number | undefined {
  const [, digits = '', unit = 's'] = /^(\d{1,12})\s*([smhdw])?$/.exec(typed.trim().toLowerCase()) ?? []
  return digits === '' ? undefined : Number(digits) * (UNIT_SECONDS[unit] ?? 1)
}

/** The shortest text that `secondsOf` reads back. */
export function durationText(seconds: number): string {
  const [letter, , each] = unitOf(seconds)
  return `${seconds / each}${letter}`
}

/** `2 hours`, `30 days`: of whole units. */
export function duration(seconds: number): string {
  const [, noun, each] = unitOf(seconds)
  return counted(seconds / each, noun)
}
