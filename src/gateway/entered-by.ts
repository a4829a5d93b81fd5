import type { Target } from '../request/target.ts'

/** The same repository by another entrance, without a secret. */
export function enteredBy(target: Target, entrance: 'basic' | 'public'): Target {
  const prefix = target.prefix.replace(/^\/(?:t\/)?[^/]+\//, `/${entrance}/`)
  return { ...target, entrance, secret: undefined, prefix }
}
