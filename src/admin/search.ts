import type { Call } from './routes.ts'

const LONGEST = 200

/** Part of a name to look for; empty: none. Cloudsmith's clients write `name:widget`, which is the same as `widget`. */
export function readSearch({ query }: Pick<Call, 'query'>): string {
  return (query('query') ?? '')
    .replace(/^name:/, '')
    .trim()
    .slice(0, LONGEST)
}
