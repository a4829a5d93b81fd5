import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import type { Role } from '../../src/policy/roles.ts'
import { launchChromium } from '../support/browser.ts'
import { startGate, type Gate } from '../support/gate.ts'
import { temporaryDirectory, waitFor } from '../support/processes.ts'
import { startRedis } from '../support/redis.ts'

const PATIENCE_MS = 30_000

/** What tokens that are marked accept in acme/stable. */
const EULA = { revision: 1, url: 'https://example.com/eula' }

export const PHONE = { width: 390, height: 844 }
export const DESKTOP = { width: 1280, height: 900 }

/** A window of a browser that looks at the console. */
export interface Tab extends AsyncDisposable {
  readonly page: Page
  /** Opens a path of the console. */
  readonly goto: (path: string) => Promise<void>
  /** Opens a session, and the console at the overview; with the key of the server unless another is given. */
  readonly signIn: (key?: string) => Promise<void>
  /** The same by the form, as people do. */
  readonly signInByHand: (key?: string) => Promise<void>
  /**
   * Resolves when nothing that the page asked for is under way: for tests whose next step would meet it, or that look once. What the page asks
   * for when it has been drawn is waited for, too; that it has begun at all is to be seen before.
   */
  readonly quiet: () => Promise<void>
  /** What the browser complained of (errors, violations of the page's policy), and what was asked of other hosts. */
  readonly faults: readonly string[]
  /** What it asked of the server, and was given. */
  readonly served: readonly Served[]
}

/** A request of a browser that succeeded. */
interface Served {
  readonly method: string
  /** From the root, without a query. */
  readonly path: string
}

/** A server with the console and a browser before it. */
export interface Console {
  readonly gate: Gate
  readonly openTab: (options?: BrowserContextOptions) => Promise<Tab>
  /** A tab where somebody with this role has signed in. */
  readonly openAs: (role: Role, options?: BrowserContextOptions) => Promise<Tab>
  /** Makes a key of the management API. */
  readonly makeKey: (
    role: Role,
    repositories?: readonly string[],
  ) => Promise<{ key: string; slug_perm: string }>
  /** Downloads with a secret, and gives the status. `path` is that of a file in acme/files; tools/hello-1.0.txt is there. */
  readonly download: (secret: string, path?: string) => Promise<number>
  /** Resolves when so many downloads of a token are on record in acme/files, which they are within seconds. */
  readonly recorded: (slugPerm: string, downloads: number) => Promise<void>
  /** Accepts the license agreement of acme/stable, as a customer's script does. */
  readonly accept: (secret: string) => Promise<void>
}

interface Started extends Console, AsyncDisposable {}

/** The same flows over a SQLite store and over a real Redis. */
export function describeConsole(flows: (console: Console) => void): void {
  describe.each(['SQLite', 'Redis'] as const)('on %s', (store) => {
    flows(useConsole(store))
  })
}

/** What a server has beyond that of other tests. */
interface More {
  readonly repositories?: Readonly<Record<string, { readonly format: 'raw'; readonly upstream: string }>>
  readonly config?: Readonly<Record<string, unknown>>
}

/** One server and one browser for all tests of a block. */
export function useConsole(store: 'SQLite' | 'Redis' = 'SQLite', more: More = {}): Console {
  let started: Started | undefined
  beforeAll(async () => {
    started = await startConsole(store, more)
  })
  afterAll(() => started?.[Symbol.asyncDispose]())
  return new Proxy({} as Console, {
    get: (_target, name) => {
      if (started === undefined) throw new Error('The console runs only inside tests')
      return Reflect.get(started, name)
    },
  })
}

async function startConsole(store: 'SQLite' | 'Redis', more: More): Promise<Started> {
  await using resources = new AsyncDisposableStack()
  const files = resources.use(await temporaryDirectory('console'))
  await mkdir(join(files.path, 'tools'))
  await writeFile(join(files.path, 'tools/hello-1.0.txt'), 'hello\n'.repeat(100))
  const storage = store === 'Redis' ? await redisStorage(resources) : {}
  const upstream = `file:${files.path}/`
  const gate = resources.use(
    await startGate({
      config: {
        ...storage,
        ...more.config,
        // Webhooks of tests lead to servers of tests.
        events: { allow_http: true, allowed_networks: ['127.0.0.0/8'] },
        repositories: {
          'acme/files': { format: 'raw', upstream },
          'acme/js': { format: 'npm', upstream },
          'acme/stable': { format: 'deb', upstream, eula: EULA },
          ...more.repositories,
        },
      },
    }),
  )
  const browser = await launchChromium()
  resources.defer(() => browser.close())
  const openTab = (options?: BrowserContextOptions): Promise<Tab> => startTab(browser, gate, options)
  const makeKey: Console['makeKey'] = async (role, repositories = ['*/*']) => {
    const { body } = await gate.admin('POST', '/keys/', { name: `a ${role}`, role, repositories })
    return body as { key: string; slug_perm: string }
  }
  const owned = resources.move()
  return {
    gate,
    openTab,
    makeKey,
    openAs: async (role, options) => {
      const tab = await openTab(options)
      await tab.signIn((await makeKey(role)).key)
      return tab
    },
    download: async (secret, path = 'tools/hello-1.0.txt') => {
      const response = await fetch(`${gate.url}/${secret}/acme/files/${path}`)
      await response.arrayBuffer()
      return response.status
    },
    recorded: (slugPerm, downloads) => untilRecorded(gate, slugPerm, downloads),
    accept: async (secret) => {
      const body = new URLSearchParams({ revision: String(EULA.revision) })
      const { ok, status } = await fetch(`${gate.url}/${secret}/acme/stable/eula`, { method: 'POST', body })
      if (!ok) throw new Error(`The acceptance was answered with ${status}`)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function untilRecorded(gate: Gate, slugPerm: string, downloads: number): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const { body } = await gate.admin('GET', `/downloads/acme/files/?token=${slugPerm}`)
    return Array.isArray(body) && body.length === downloads
  }
  await waitFor(isThere, { what: `${downloads} downloads of ${slugPerm} to be on record` })
}

async function redisStorage(resources: AsyncDisposableStack): Promise<Readonly<Record<string, string>>> {
  const redis = resources.use(await startRedis())
  return { store: `redis://127.0.0.1:${redis.port}`, secret_key: randomBytes(32).toString('hex') }
}

async function startTab(browser: Browser, gate: Gate, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const faults = watchFaults(page, gate.adminUrl)
  const quiet = watchRequests(page)
  const served = watchServed(context)
  const goto = async (path: string): Promise<void> => {
    await page.goto(`${gate.adminUrl}/console${path}`)
  }
  return {
    page,
    goto,
    faults,
    quiet,
    served,
    signIn: async (key = gate.adminKey) => {
      const headers = { 'X-Api-Key': key, 'X-Postern-Console': '1' }
      const answer = await context.request.post(`${gate.adminUrl}/console/session/`, { headers })
      if (!answer.ok()) throw new Error(`No session was opened: ${answer.status()} ${await answer.text()}`)
      await goto('/')
      await page.getByRole('heading', { name: 'Overview' }).waitFor()
    },
    signInByHand: async (key = gate.adminKey) => {
      await goto('/')
      await page.getByLabel('Key of the management API').fill(key)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Overview' }).waitFor()
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}

/** A refused request is no fault: the page says it in words. */
const EXPECTED = /Failed to load resource: (the server responded with a status|net::ERR)/

function watchFaults(page: Page, own: string): string[] {
  const faults: string[] = []
  page.on('console', (message) => {
    const isBad = message.type() === 'error' || message.type() === 'warning'
    if (isBad && !EXPECTED.test(message.text())) faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('dialog', (dialog) => {
    faults.push(`A script opened a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${own}/`) && !url.startsWith('data:')) faults.push(`It asked ${url}`)
  })
  return faults
}

/** Resolves after the page was drawn, and had time to ask for what it then wants. */
const DRAWN =
  'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))'

function watchRequests(page: Page): Tab['quiet'] {
  const underWay = new Set<Request>()
  page.on('request', (request) => underWay.add(request))
  page.on('requestfinished', (request) => underWay.delete(request))
  page.on('requestfailed', (request) => underWay.delete(request))
  const isQuiet = async (): Promise<boolean> => {
    if (underWay.size > 0) return false
    await page.evaluate(DRAWN)
    return underWay.size === 0
  }
  return async () => void (await waitFor(isQuiet, { what: 'the page to ask for nothing more' }))
}

function watchServed(context: BrowserContext): Served[] {
  const served: Served[] = []
  context.on('response', (response) => {
    if (!response.ok()) return
    const { pathname: path } = new URL(response.url())
    served.push({ method: response.request().method(), path })
  })
  return served
}

/** How many pixels the page is wider than its window. */
export function excessWidth(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}
