import type { App } from '../app.ts'
import type { Config } from '../config/types.ts'
import { generateSecret } from '../policy/secret.ts'
import type { TokenRecord } from '../policy/types.ts'
import type { StoredToken } from '../store/contract.ts'

/** The repository in which the demo's token is made. */
const OWNER = 'acme'
const REPO = 'files'
const NAME = 'demo customer'

export interface DemoOptions {
  readonly clock: () => number
  readonly newId: () => string
  readonly randomInt: (below: number) => number
}

/** The secret of the demo's token, which is made where it is missing. */
export async function ensureDemoToken({ store, keeper }: App, options: DemoOptions): Promise<string> {
  const query = { owner: OWNER, repo: REPO, page: 1, pageSize: 1, activeOnly: false, descending: false }
  const { tokens } = await store.tokens.list({ ...query, search: NAME })
  const [known] = tokens
  if (known !== undefined) return keeper.unseal(known.sealedSecret)
  const secret = generateSecret(options.randomInt)
  const token: StoredToken = {
    ...demoToken(options.newId(), options.clock()),
    digest: keeper.digest(secret),
    sealedSecret: keeper.seal(secret),
  }
  await store.tokens.create(token)
  return secret
}

function demoToken(slugPerm: string, now: number): TokenRecord {
  return {
    slugPerm,
    owner: OWNER,
    repo: REPO,
    name: NAME,
    isActive: true,
    validFrom: null,
    validUntil: now + 365 * 86_400_000,
    repositories: [`${OWNER}/*`],
    packages: ['**', '!internal/**'],
    limitDownloads: 1_000,
    limitClients: 20,
    metadata: { note: 'made by npm start' },
    createdAt: now,
    createdBy: 'demo',
    updatedAt: null,
    updatedBy: null,
  }
}

export interface WelcomeFacts {
  readonly config: Config
  readonly secret: string
  /** Of the management API, with scheme, no trailing slash. */
  readonly adminUrl: string
  /** Where the gate answers, no trailing slash. */
  readonly gateUrl: string
  /** undefined: it was shown at an earlier start. */
  readonly adminKey: string | undefined
  /** Absolute path of the public key of the demo's Debian repository. */
  readonly debianKey: string
}

/** What a newcomer needs to see it work: commands to paste, one of them refused. */
export function renderWelcome(facts: WelcomeFacts): string {
  const { gateUrl, adminUrl, secret, debianKey } = facts
  const base = `${gateUrl}/${secret}/${OWNER}`
  return `
This is the demo: four small repositories in front of the folder config/demo, and a customer whose token may
fetch 1000 packages of them, from 20 addresses, for a year, but nothing below internal/.

  A file                 curl -fsS ${base}/files/tools/hello-2.0.txt
  Refused, with reason   curl -sS ${base}/files/internal/roadmap.txt
  Without a token        curl -fsS ${gateUrl}/public/${OWNER}/free/welcome.txt
  npm                    npm view @acme/hello versions --registry ${base}/js/
                         npm pack @acme/hello --registry ${base}/js/
  apt (as root)          echo 'deb [signed-by=${debianKey}] ${base}/stable stable main' > /etc/apt/sources.list.d/postern-demo.list
                         apt-get update && apt-get install postern-hello
  What would happen      npm run -s postern -- explain ${secret} ${OWNER}/files/internal/roadmap.txt
  What was used          npm run -s postern -- tokens list ${OWNER}/${REPO}
  Figures                curl -fsS ${adminUrl}/metrics

${renderKey(facts.adminKey)}
`
}

function renderKey(key: string | undefined): string {
  const use = 'The last two but one need the key of the management API:'
  if (key === undefined) {
    return `${use} the one that was shown at the first start. Lost it? Start with POSTERN_ADMIN_KEY=… set.`
  }
  return `${use}

  export POSTERN_API_KEY=${key}

It is shown this once.`
}
