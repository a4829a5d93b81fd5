import { randomBytes } from 'node:crypto'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../../test/support/browser.ts'
import { startGate, type Gate } from '../../test/support/gate.ts'
import { describeMachine } from '../machine.ts'
import { OWNER, REPO } from '../management/customers.ts'
import { fill, openEmpty, STORES, type StoreName } from '../tokens/filled.ts'
import { atShare, renderTable, say } from '../words.ts'

/**
 * How long a browser takes from asking for a page of the console until its rows are painted, with so many tokens in the store:
 * `node bench/console/console-main.ts [tokens] [SQLite|Redis]`.
 */
const [tokens = '1000000', only = ''] = process.argv.slice(2)
const FILL = fileURLToPath(new URL('../management/fill-main.ts', import.meta.url))
const ROUNDS = 15
const PROMISED_MS = 1_000

/** Addresses of the list, with what stands there when they are ready. */
const PAGES = [
  ['tokens of the repository, by name', `/tokens?in=${OWNER}/${REPO}`],
  ['all of the owner, by name', `/tokens?in=${OWNER}/*`],
  ['a search for a name', `/tokens?in=${OWNER}/${REPO}&q=kestrel+capital`],
  ['those that end within 30 days', `/tokens?in=${OWNER}/${REPO}&state=ends_soon&sort=expires`],
] as const

/** Notes when rows were painted, ms since the page was asked for: two frames after they are there. */
const NOTE_ROWS = `new MutationObserver((_, observer) => {
  if (document.querySelector('.name-link') === null) return
  observer.disconnect()
  requestAnimationFrame(() => requestAnimationFrame(() => { window.rowsAt = performance.now() }))
}).observe(document, { childList: true, subtree: true })`

const AWAIT_ROWS = `new Promise((resolve) => {
  const look = () => (window.rowsAt === undefined ? requestAnimationFrame(look) : resolve(window.rowsAt))
  look()
})`

const rows: string[][] = []
for (const store of STORES.filter((each) => only === '' || each === only))
  rows.push(...(await measure(store)))
const heads = ['first paint of the list', 'p50', 'p95', 'most', `≤ ${PROMISED_MS} ms`]
console.log(`${Number(tokens).toLocaleString('en')} tokens, ${ROUNDS} times each; ${describeMachine()}\n`)
console.log(renderTable(heads, rows))

async function measure(store: StoreName): Promise<string[][]> {
  await using own = new AsyncDisposableStack()
  const { url } = await openEmpty(store, own)
  const secretKey = randomBytes(32).toString('hex')
  say(`filling ${store} with ${tokens} tokens`)
  await fill(FILL, [url, secretKey, tokens])
  const repository = { format: 'deb', upstream: 'http://127.0.0.1:9' } as const
  const config = { repositories: { [`${OWNER}/${REPO}`]: repository }, store: url, secret_key: secretKey }
  const gate = own.use(await startGate({ config }))
  const browser = await launchChromium()
  own.defer(() => browser.close())
  const found: string[][] = []
  for (const [name, path] of PAGES) {
    const times = (await timesOf(browser, gate, path)).toSorted((a, b) => a - b)
    found.push([
      `${store}: ${name}`,
      ...[0.5, 0.95, 1].map((share) => `${Math.round(atShare(times, share))} ms`),
      atShare(times, 0.95) <= PROMISED_MS ? 'yes' : '**no**',
    ])
    say(`${found.at(-1)?.join('  ')}; load ${loadavg()[0]?.toFixed(1)}`)
  }
  return found
}

/** Each time in a browser that has nothing of the console yet but the session. ms. */
async function timesOf(browser: Browser, { adminUrl, adminKey }: Gate, path: string): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await using context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    const headers = { 'X-Api-Key': adminKey, 'X-Postern-Console': '1' }
    const session = await context.request.post(`${adminUrl}/console/session/`, { headers })
    if (!session.ok()) throw new Error(`Signing in was answered with ${session.status()}`)
    const page = await context.newPage()
    await page.addInitScript(NOTE_ROWS)
    await page.goto(`${adminUrl}/console${path}`)
    times.push(await page.evaluate<number>(AWAIT_ROWS))
  }
  return times
}
