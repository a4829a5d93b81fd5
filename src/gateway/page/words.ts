import { REFUSALS } from '../../http/refusals.ts'
import type { Refusal } from '../../policy/refusal.ts'
import type { TokenFacts } from './facts.ts'

/** The state of a token as tools read it: it opens what it covers, or the code of what it refuses everything with. */
export function stateOf({ refusal }: TokenFacts): string {
  return refusal?.code ?? 'active'
}

/** The same for people: in short, and in whole sentences. */
export function stateInWords(
  { refusal, until, resetsAt }: TokenFacts,
  now: number,
): readonly [string, string] {
  if (refusal !== undefined) return refusalInWords(refusal, resetsAt)
  const end = until === null ? 'It has no end.' : `It works until ${instant(until)}, ${ahead(until - now)}.`
  return ['Active', `Your entitlement token works. ${end}`]
}

function refusalInWords(refusal: Refusal, resetsAt: number | null): readonly [string, string] {
  const { title, detail } = REFUSALS[refusal.code]
  const anew = isUsedUp(refusal) && resetsAt !== null ? ` Counting begins anew at ${instant(resetsAt)}.` : ''
  return [title, detail(refusal.facts) + anew]
}

/** Whether a token is refused because nothing is left, not because of what it is. */
export function isUsedUp({ code }: Refusal): boolean {
  return code === 'downloads_used_up' || code === 'bandwidth_used_up'
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function ahead(ms: number): string {
  const [unit, length] = ms >= 2 * DAY_MS ? (['days', DAY_MS] as const) : (['hours', HOUR_MS] as const)
  const count = Math.floor(ms / length)
  return count < 2 ? 'in less than two hours' : `in ${count} ${unit}`
}

/** `2026-01-31 12:00 UTC`. Windows can move beyond what a date can show; then it is the last one. */
export function instant(at: number): string {
  return `${isoOf(at).slice(0, 16).replace('T', ' ')} UTC`
}

/** `2026-01-31T12:00:00Z`. */
export function isoOf(at: number): string {
  return new Date(Math.min(at, Date.UTC(9999, 11, 31))).toISOString().replace('.000Z', 'Z')
}

/** `2026-01-31`. */
export function dayOf(at: number): string {
  return isoOf(at).slice(0, 10)
}

/** `1 download`, `1,234 downloads`. */
export function some(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** `1,234`. */
export function grouped(value: number): string {
  return value.toLocaleString('en')
}
