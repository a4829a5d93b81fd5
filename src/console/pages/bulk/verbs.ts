import { counted } from '../../words/figures.ts'
import type { Target, Wish } from './change-many.ts'

/** What can be done with many tokens. */
export type Verb = 'enable' | 'disable' | 'extend' | 'delete'

/** How a verb is spoken of. */
export interface VerbWords {
  readonly button: string
  readonly title: string
  /** What it means for the customers. */
  readonly meaning: string
  /** `would be switched on`, `is switched on` */
  readonly participle: string
}

export const VERBS: Readonly<Record<Verb, VerbWords>> = {
  enable: {
    button: 'Switch on',
    title: 'Switch tokens on',
    meaning: 'They work again from the next request on, within their limits.',
    participle: 'switched on',
  },
  disable: {
    button: 'Switch off',
    title: 'Switch tokens off',
    meaning: 'From the next request on everything is refused, until they are switched on again.',
    participle: 'switched off',
  },
  extend: {
    button: 'Set the end',
    title: 'Set the end of tokens',
    meaning: 'Until then they work, within their other limits.',
    participle: 'given another end',
  },
  delete: {
    button: 'Delete',
    title: 'Delete tokens',
    meaning: 'Their secrets work no longer. This can’t be undone; switching them off can.',
    participle: 'deleted',
  },
}

/** Another end for tokens: a day (`2031-01-01`, its first instant of UTC), or so many days more. */
export type NewEnd = { readonly on: string } | { readonly days: number }

const DAY_MS = 86_400_000

/** How each token's row says what is wanted. `now` in epoch ms. */
export function wishFor(verb: Verb, end: NewEnd | undefined, now: number): Wish {
  if (verb !== 'extend') return () => ({ action: verb })
  return (target) => {
    const until = end === undefined ? undefined : endFor(target, end, now)
    return until === undefined ? undefined : { action: 'update', limit_date_range_to: until }
  }
}

/** A token without an end has nothing to be longer; one that has ended is longer from now on. */
function endFor({ limit_date_range_to: current }: Target, end: NewEnd, now: number): string | undefined {
  if ('on' in end) return `${end.on}T00:00:00Z`
  if (current === null) return undefined
  return new Date(Math.max(Date.parse(current), now) + end.days * DAY_MS).toISOString()
}

/** What has to be typed before so many tokens are deleted. */
export function deletePhrase(count: number): string {
  return `delete ${counted(count, 'token')}`
}
