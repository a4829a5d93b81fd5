import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../../support/browser.ts'
import { startGate, type Gate } from '../../support/gate.ts'
import { temporaryDirectory } from '../../support/processes.ts'
import { fillDemo } from './demo-data.ts'

/** Takes the pictures of the documents from a real server with made-up customers: `npm run docs:screenshots`. */
const OUT = join(import.meta.dirname, '../../../docs/images')
const DESKTOP = { width: 1180, height: 760 }
const PHONE = { width: 390, height: 780 }
const MOST_BYTES = 60_000
const SHOWN = 'Baltic Energy'

interface Shot {
  readonly name: string
  readonly path: string
  /** Stands there when the page is ready. */
  readonly ready: string
  readonly colorScheme?: 'dark'
  readonly viewport?: typeof PHONE
}

await using started = new AsyncDisposableStack()
const folder = started.use(await temporaryDirectory('screenshots'))
const file = join(folder.path, 'postern.db')
const files = join(folder.path, 'files')
await mkdir(files)
const upstream = `file:${files}/`
const gate = started.use(
  await startGate({
    config: {
      store: `sqlite:${file}`,
      public_url: 'https://packages.example.com',
      repositories: {
        'acme/files': { format: 'raw', upstream },
        'acme/js': { format: 'npm', upstream },
        'acme/stable': { format: 'deb', upstream },
      },
    },
  }),
)
const id = await fillDemo(gate, file, Date.now(), SHOWN)
const browser = await launchChromium()
started.defer(() => browser.close())
const SHOTS: readonly Shot[] = [
  { name: 'overview', path: '/', ready: 'Alpine Robotics' },
  { name: 'tokens', path: '/tokens', ready: 'Juniper Biotech' },
  { name: 'token', path: `/tokens/acme/files/${id}`, ready: 'A token was made.' },
  { name: 'overview-dark', path: '/', ready: 'Alpine Robotics', colorScheme: 'dark' },
  { name: 'token-phone', path: `/tokens/acme/files/${id}`, ready: 'A token was made.', viewport: PHONE },
]
await mkdir(OUT, { recursive: true })
for (const shot of SHOTS) await take(browser, gate, shot)

async function take(
  opened: Browser,
  { adminUrl, adminKey }: Gate,
  { name, path, ready, ...look }: Shot,
): Promise<void> {
  await using context = await opened.newContext({ viewport: DESKTOP, reducedMotion: 'reduce', ...look })
  const headers = { 'X-Api-Key': adminKey, 'X-Postern-Console': '1' }
  const session = await context.request.post(`${adminUrl}/console/session/`, { headers })
  if (!session.ok()) throw new Error(`Signing in was answered with ${session.status()}`)
  const page = await context.newPage()
  await page.goto(`${adminUrl}/console${path}`)
  await page.getByText(ready).first().waitFor()
  await page.waitForLoadState('networkidle')
  const webp = await asWebp(await context.newPage(), await page.screenshot())
  if (webp.length > MOST_BYTES) throw new Error(`${name} takes ${webp.length} bytes`)
  await writeFile(join(OUT, `console-${name}.webp`), webp)
  process.stdout.write(`console-${name}.webp: ${webp.length} bytes\n`)
}

/** The browser itself writes small files. */
async function asWebp(page: Page, png: Buffer): Promise<Buffer> {
  const url = await page.evaluate<string>(`(async () => {
    const image = new Image()
    image.src = 'data:image/png;base64,${png.toString('base64')}'
    await image.decode()
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
    canvas.getContext('2d').drawImage(image, 0, 0)
    return canvas.toDataURL('image/webp', 0.8)
  })()`)
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')
}
