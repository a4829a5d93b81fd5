import type { App } from '../app.ts'
import { generateKey, generateSecret } from '../policy/secret.ts'
import type { StoredToken } from '../store/contract.ts'
import { FULL_KEY } from '../store/stored-key.ts'
import { STORED_TOKEN_DEFAULTS } from '../store/stored-token.ts'

/** The repository in which the demo's token is made. */
const OWNER = 'acme'
const REPO = 'files'
const NAME = 'demo customer'
const KEY_NAME = 'demo'

export interface DemoOptions {
  readonly clock: () => number
  readonly newId: () => string
  readonly randomInt: (below: number) => number
}

/**
 * The key of the management API that the demo prints with each start. It follows from the server's key, which is not kept in the store: so it
 * can be shown again without being kept anywhere. undefined: somebody revoked it.
 */
export async function ensureDemoKey(
  { store, keeper }: Pick<App, 'store' | 'keeper'>,
  options: DemoOptions,
): Promise<string | undefined> {
  let drawn = 0
  const key = generateKey((below) => {
    const random = Buffer.from(keeper.digest(`key of the demo ${drawn++}`), 'base64url')
    return random.readUIntBE(0, 6) % below
  })
  const digest = keeper.digest(key)
  if ((await store.keys.find(digest)) !== undefined) return key
  const actor = { kind: 'system', id: 'demo', name: 'demo', address: null } as const
  const at = options.clock()
  await store.keys.create(
    { ...FULL_KEY, id: options.newId(), name: KEY_NAME, digest, createdAt: at },
    { id: options.newId(), at, event: 'api_key.created', actor, userAgent: null },
  )
  return (await store.keys.find(digest)) === undefined ? undefined : key
}

/** The secret of the demo's token, which is made where it is missing. */
export async function ensureDemoToken({ store, keeper }: App, options: DemoOptions): Promise<string> {
  const { tokens } = await store.tokens.list({
    owner: OWNER,
    repos: [REPO],
    page: 1,
    pageSize: 500,
    filter: null,
    order: 'name',
    descending: false,
    now: options.clock(),
  })
  const known = tokens.find(({ name }) => name === NAME)
  if (known !== undefined) return keeper.unseal(known.sealedSecret)
  const secret = generateSecret(options.randomInt)
  const token: StoredToken = {
    ...demoToken(options.newId(), options.clock()),
    digest: keeper.digest(secret),
    sealedSecret: keeper.seal(secret),
  }
  await store.tokens.create(token, {
    id: options.newId(),
    at: options.clock(),
    event: 'repo.entitlement.created',
    actor: { kind: 'system', id: 'demo', name: 'demo', address: null },
    userAgent: null,
  })
  return secret
}

function demoToken(slugPerm: string, now: number): Omit<StoredToken, 'digest' | 'sealedSecret'> {
  return {
    ...STORED_TOKEN_DEFAULTS,
    slugPerm,
    owner: OWNER,
    repo: REPO,
    name: NAME,
    validUntil: now + 365 * 86_400_000,
    repositories: [`${OWNER}/*`],
    packages: ['**', '!internal/**'],
    limitDownloads: 1_000,
    limitClients: 20,
    metadata: { note: 'made by npm start' },
    createdAt: now,
    createdBy: 'demo',
  }
}

export interface WelcomeFacts {
  readonly secret: string
  /** Where the gate answers, no trailing slash. */
  readonly gateUrl: string
  /** Of the management API, no trailing slash. */
  readonly adminUrl: string
  /** undefined: it was given in the environment, or the demo's own was revoked. */
  readonly adminKey: string | undefined
}

/** What a newcomer needs to see it work: commands to paste, one of them refused. */
export function renderWelcome({ secret, gateUrl, adminUrl, adminKey }: WelcomeFacts): string {
  const own = `${gateUrl}/$TOKEN/${OWNER}`
  const key = adminKey === undefined ? '' : `  export POSTERN_API_KEY=${adminKey}\n`
  const whose = adminKey === undefined ? OWN_KEY : FIRST_KEY
  return `
This is the demo: four small repositories in front of the folder config/demo, and a customer whose token opens a
thousand downloads of them, to twenty addresses, for a year, but nothing below internal/. Paste into another terminal:

  export TOKEN=${secret}
${key}
${whose}

  ${adminUrl}/console/

  A file            curl -fsS ${own}/files/tools/hello-2.0.txt
  A refusal         curl -sS ${own}/files/internal/roadmap.txt
  For everybody     curl -fsS ${gateUrl}/public/${OWNER}/free/welcome.txt
  npm               npm view @acme/hello versions --registry ${own}/js/
                    npm pack @acme/hello --registry ${own}/js/
  apt, as root      curl -fsS --create-dirs -o /etc/apt/keyrings/postern-demo.asc ${own}/stable/key.asc
                    echo "deb [signed-by=/etc/apt/keyrings/postern-demo.asc] ${own}/stable stable main" > /etc/apt/sources.list.d/postern-demo.list
                    apt-get update && apt-get install postern-hello
  Why refused?      npm run -s postern -- explain $TOKEN ${OWNER}/files/internal/roadmap.txt
  What was used?    npm run -s postern -- tokens list ${OWNER}/${REPO}
  Figures           curl -fsS ${adminUrl}/metrics
`
}

const FIRST_KEY = 'The second one is the key of the management API. With it, sign in to the console:'
const OWN_KEY = 'With your key of the management API, sign in to the console:'
