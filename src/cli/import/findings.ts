import { isPlausibleSecret } from '../../policy/secret.ts'

/** Fields of a token as the API takes them. */
export type TokenRow = Readonly<Record<string, unknown>> & { readonly name: string }

/** Something that stays behind: of how many tokens, and the names of the first. */
export interface Loss {
  readonly what: string
  readonly count: number
  readonly examples: readonly string[]
}

/** What was found in a file of another program. */
export interface Findings {
  /** Each has a secret of its own. */
  readonly tokens: readonly TokenRow[]
  /** Tokens whose secrets can't be kept. */
  readonly secretless: readonly TokenRow[]
  /** Tokens that have the secret of an earlier one. */
  readonly doubled: number
  readonly losses: readonly Loss[]
}

const MOST_EXAMPLES = 3

/** Counts what stays behind. */
export function createLosses(): {
  readonly add: (what: string, name: string) => void
  readonly list: () => readonly Loss[]
} {
  const losses = new Map<string, { count: number; examples: string[] }>()
  return {
    add: (what, name) => {
      const loss = losses.get(what) ?? { count: 0, examples: [] }
      losses.set(what, loss)
      loss.count += 1
      if (loss.examples.length < MOST_EXAMPLES) loss.examples.push(name)
    },
    list: () => [...losses].map(([what, loss]) => ({ what, ...loss })),
  }
}

/** A token, and why its secret can't be kept where that is known already. */
export interface FoundToken {
  readonly row: TokenRow
  readonly secret: string | { readonly lost: string }
}

const UNFIT =
  'secret that none can be here: 8 to 48 letters, digits, dots, hyphens and underscores, the first a letter or digit'
const TWICE = 'secret that an earlier token of the file has'

/** Parts tokens by whether their secrets can be kept. */
export function sortOut(found: readonly FoundToken[], losses: ReturnType<typeof createLosses>): Findings {
  const seen = new Set<string>()
  const [tokens, secretless]: [TokenRow[], TokenRow[]] = [[], []]
  let doubled = 0
  for (const { row, secret } of found) {
    const lost = typeof secret !== 'string' ? secret.lost : isPlausibleSecret(secret) ? undefined : UNFIT
    if (lost !== undefined || typeof secret !== 'string') {
      losses.add(lost ?? UNFIT, row.name)
      secretless.push(row)
    } else if (seen.has(secret)) {
      losses.add(TWICE, row.name)
      doubled += 1
    } else {
      seen.add(secret)
      tokens.push({ ...row, token: secret })
    }
  }
  return { tokens, secretless, doubled, losses: losses.list() }
}
