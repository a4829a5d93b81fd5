import { randomBytes } from 'node:crypto'
import { startGate, type Gate, type GateToken, type Protocol } from '../support/gate.ts'
import { temporaryDirectory } from '../support/processes.ts'
import { get, type Answer } from '../support/requests.ts'

export const REPOSITORY = 'acme/files'

type GetOptions = Parameters<typeof get>[1]

/** Two processes of Postern on one store, in front of one storage. */
export interface Pair extends AsyncDisposable {
  readonly here: Gate
  readonly there: Gate
  /** Asks `gate` for a file of REPOSITORY, with the secret in the path. */
  readonly ask: (gate: Gate, token: GateToken | string, path: string, options?: GetOptions) => Promise<Answer>
  /** Changes a token; rejects unless that works. */
  readonly patch: (token: GateToken, fields: object) => Promise<GateToken>
  readonly read: (token: GateToken) => Promise<GateToken>
}

/** Starts both; requests name their clients in X-Forwarded-For. `upstream` ends in a slash. */
export async function startPair(
  upstream: string,
  config: object = {},
  protocol: Protocol = 'http',
): Promise<Pair> {
  const directory = await temporaryDirectory('pair')
  const adminKey = randomBytes(24).toString('hex')
  const shared = {
    store: `sqlite:${directory.path}/shared.db`,
    log: { access: false },
    trusted_proxies: ['127.0.0.1'],
    repositories: { [REPOSITORY]: { format: 'raw', upstream } },
    ...config,
  } as const
  const start = (): Promise<Gate> => startGate({ config: shared, adminKey, protocol })
  const [here, there] = await Promise.all([start(), start()])
  return {
    here,
    there,
    ask: (gate, token, path, options) => {
      const secret = typeof token === 'string' ? token : token.token
      return get(`${gate.url}/${secret}/${REPOSITORY}/${path}`, options)
    },
    patch: async ({ slug_perm }, fields) => {
      const answer = await here.admin('PATCH', `/entitlements/${REPOSITORY}/${slug_perm}/`, fields)
      if (answer.status !== 200) throw new Error(`The change was refused: ${JSON.stringify(answer.body)}`)
      return answer.body as GateToken
    },
    read: ({ slug_perm }) => here.readToken(REPOSITORY, slug_perm),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([here, there].map((gate) => gate[Symbol.asyncDispose]()))
      await directory.remove()
    },
  }
}

/** How often each status, or code of a refusal, came. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) {
    const outcome = codeOf(answer) ?? String(answer.status)
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return counts
}

/** The code of a refusal; undefined for what is none. */
export function codeOf({ headers }: Answer): string | undefined {
  const code = headers['x-error-code']
  return typeof code === 'string' ? code : undefined
}
