import type { Refusal } from '../../src/policy/refusal.ts'
import { parseTarget, type Target, type TargetRules } from '../../src/request/target.ts'

/** Rules of a gate without mapped hosts, whose repositories called `npm` have scoped names. */
export const RULES: TargetRules = {
  hosts: new Map(),
  hasScopedNames: (_, repo) => repo === 'npm',
}

/** The rules of `RULES`, with mapped hosts. */
export const MAPPED: TargetRules = {
  ...RULES,
  hosts: new Map([
    ['dl.acme.test', 'acme'],
    ['npm.acme.test', 'acme/npm'],
    ['[::1]', 'acme/deb'],
  ]),
}

/** The target; fails when it is refused. */
export function accept(raw: string, host = 'gate.test', rules: TargetRules = RULES): Target {
  const target = parseTarget(raw, host, rules)
  if ('ok' in target) throw new Error(`${raw} is refused: ${explain(target)}`)
  return target
}

/** The code of the refusal, or the canonical path where there is none. */
export function outcome(raw: string, host = 'gate.test', rules: TargetRules = RULES): string {
  const target = parseTarget(raw, host, rules)
  return 'ok' in target ? target.code : `${target.owner}/${target.repo}:${target.path}`
}

function explain({ code, facts }: Refusal): string {
  return `${code}, ${facts.why ?? 'no reason'}`
}
