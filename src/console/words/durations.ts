const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }
const LARGEST_FIRST: readonly (readonly [unit: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
]

/** Seconds of what somebody typed: `30d`, `12h`, `90m`, `45s`, `2w`. A number alone is seconds. undefined: it is none of these. */
export function secondsOf(typed: string): number | undefined {
  const [, digits = '', unit = 's'] = /^(\d{1,12})\s*([smhdw])?$/.exec(typed.trim().toLowerCase()) ?? []
  return digits === '' ? undefined : Number(digits) * (UNIT_SECONDS[unit] ?? 1)
}

/** The shortest text that `secondsOf` reads back. */
export function durationText(seconds: number): string {
  const found = LARGEST_FIRST.find(([, each]) => seconds >= each && seconds % each === 0)
  return found === undefined ? `${seconds}s` : `${seconds / found[1]}${found[0]}`
}
