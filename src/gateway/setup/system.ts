import { refuse, type Refusal } from '../../policy/refusal.ts'

/** The client's system, as the query of a page names it. Empty where it says nothing. */
export interface System {
  readonly distro: string
  readonly codename: string
  readonly version: string
  readonly arch: string
}

const NAMES = ['distro', 'codename', 'version', 'arch'] as const
const WORD = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const PLACEHOLDER = /\{(distro|codename|version|arch)\}/g

/** Reads the query; refuses whatever could not be the name of a system. */
export function readSystem(query: string): System | Refusal {
  const given = new URLSearchParams(query)
  const system = { distro: '', codename: '', version: '', arch: '' }
  for (const name of NAMES) {
    const values = given.getAll(name)
    const [value = ''] = values
    if (values.length > 1 || (value !== '' && !WORD.test(value)))
      return refuse('request_malformed', { why: `its query has an odd ${name}` })
    system[name] = value
  }
  return system
}

/** Puts the client's system into `dists/{codename}`; refuses when the query does not say what is needed. */
export function fill(template: string, system: System): string | Refusal {
  const missing = Array.from(template.matchAll(PLACEHOLDER), ([, name]) => name as keyof System).find(
    (name) => system[name] === '',
  )
  if (missing !== undefined) return refuse('request_malformed', { why: `its query lacks ${missing}` })
  return template.replaceAll(PLACEHOLDER, (_, name: keyof System) => system[name])
}
