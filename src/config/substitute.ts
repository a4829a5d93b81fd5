import { bad, good, type Parsed } from './parsed.ts'

/** Named values, as a process's environment has them. */
export type Variables = Readonly<Record<string, string | undefined>>

const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}|\$\{/g
const WHOLE_REFERENCE = /^\$\{[^}]*\}$/

/**
 * Replaces `${NAME}` and `${NAME:-default}` (used when NAME is unset or empty); `$${` becomes `${`. A plain value that is one
 * reference and nothing else, and comes out as a whole number, true or false, is that instead of text.
 */
export function substitute(text: string, isPlain: boolean, variables: Variables): Parsed<unknown> {
  const problems: string[] = []
  const replaced = text.replaceAll(
    REFERENCE,
    (reference, name?: string, fallback?: string, given?: string) => {
      if (reference === '$${') return '${'
      if (name === undefined) {
        problems.push(
          'has a ${ that is no variable; write ${NAME} or ${NAME:-default}, or $${ for a ${ as it is',
        )
        return ''
      }
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined
      if (value === undefined && fallback === undefined) problems.push(unset(name))
      return (fallback === undefined ? value : value || given) ?? ''
    },
  )
  if (problems.length > 0) return bad([...new Set(problems)].join('; '))
  return good(isPlain && WHOLE_REFERENCE.test(text) ? asPlainValue(replaced) : replaced)
}

function unset(name: string): string {
  return `needs the environment variable ${name}, which is not set; set it or write \${${name}:-default}`
}

/** Longer runs of digits are text: a secret key may well be one. */
function asPlainValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}
