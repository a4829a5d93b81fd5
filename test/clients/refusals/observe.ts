import type { GateToken } from '../../support/gate.ts'
import { startClient, type Client, type Form, type Running } from './clients.ts'
import type { Scene } from './scene.ts'

/** Why a client is refused: the code, and what is changed of its token. */
const CASES = [
  { title: 'expired', says: 'Token expired', fields: { limit_date_range_to: '2020-01-01T00:00:00Z' } },
  { title: 'disabled', says: 'Token disabled', fields: { is_active: false } },
  { title: 'out of scope', says: 'Package not covered', fields: { limit_packages: ['no-such-thing'] } },
  { title: 'used up', says: 'Downloads used up', fields: { limit_num_downloads: 0 } },
  { title: 'storage down', says: 'Storage failed', fields: {} },
] as const

const UNKNOWN = { title: 'unknown token', says: 'Unknown token' } as const
const RESTORED = { limit_date_range_to: null, limit_packages: null, limit_num_downloads: null }

/** What a client makes of the reason: prints it, prints its status, or neither. */
export type Shown = 'reason' | 'status' | 'nothing'

/** What happened when a client was refused. */
export interface Observed {
  readonly title: string
  readonly form: Form
  readonly code: number
  readonly shown: Shown
  /** What a person would look at first. */
  readonly line: string
  /** Requests that were refused. */
  readonly requests: number
}

/** What one client was seen to do. */
export interface Report {
  readonly observed: readonly Observed[]
  /** How it fared, with the same caches, when nothing stood against it any more: what it printed where it failed. */
  readonly afterwards: readonly (readonly [title: string, failure: string])[]
}

/** Refuses a client for each reason, with a token and a home of its own each time, and lets it try again when the reason is gone. */
export async function observeClient(client: Client, scene: Scene): Promise<Report> {
  const [form = 'path'] = client.forms
  const observed: Observed[] = []
  const afterwards: (readonly [string, string])[] = []
  for (const each of CASES) {
    const token = await scene.gate.createToken(client.repository)
    await using running = await startClient(client, scene, form, token.token)
    const isDown = each.title === 'storage down'
    const storage = scene.storageOf(client.repository)
    if (isDown) storage.refuse()
    else await scene.change(client.repository, token, each.fields)
    observed.push(await observe(client, scene, running, { ...each, form, token }))
    if (isDown) storage.resume()
    else await scene.change(client.repository, token, RESTORED)
    const { code, output } = await running.attempt()
    afterwards.push([each.title, code === 0 ? '' : output])
  }
  for (const each of client.forms) {
    await using running = await startClient(client, scene, each, 'never-issued-0815')
    observed.push(await observe(client, scene, running, { ...UNKNOWN, form: each, token: undefined }))
  }
  return { observed, afterwards }
}

/** What a client leaves in its lock file after it got what it wanted. */
export async function observeLock(client: Client, scene: Scene, form: Form): Promise<string> {
  const { token } = await scene.gate.createToken(client.repository)
  await using running = await startClient(client, scene, form, token)
  const { code, output } = await running.attempt()
  const text = await running.lock?.()
  if (code !== 0 || text === undefined) throw new Error(`${client.name} wrote no lock file\n${output}`)
  if (text.includes(token)) return 'secret'
  // Maven writes properties of Java, with colons escaped.
  return text.replaceAll('\\:', ':').includes(new URL(scene.gate.url).host) ? 'gate' : 'neither'
}

interface Trial {
  readonly title: string
  readonly says: string
  readonly form: Form
  readonly token: GateToken | undefined
}

async function observe(
  client: Client,
  scene: Scene,
  running: Running,
  { title, says, form, token }: Trial,
): Promise<Observed> {
  const before = await scene.refused(client.repository)
  const { code, output } = await running.attempt()
  const requests = (await scene.refused(client.repository)) - before
  const secret = token?.token ?? 'never-issued-0815'
  const line = shorten(anonymize(tellingLine(output, says), scene, secret), says)
  return { title, form, code, shown: shownIn(output, says), line, requests }
}

function shownIn(output: string, says: string): Shown {
  if (output.includes(says)) return 'reason'
  return /\b(?:40[13]|50[234])\b/.test(withoutUrls(output)) ? 'status' : 'nothing'
}

function withoutUrls(output: string): string {
  return output.replaceAll(/https?:\/\/[^\s)]+/g, '')
}

/** The line with the reason, or with the status, or that speaks of an error; or else the last one. */
function tellingLine(output: string, says: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const found =
    lines.find((line) => line.includes(says) && /^E:|error|fail|bad response|Warning/i.test(line)) ??
    lines.find((line) => line.includes(says)) ??
    lines.find((line) => /\b(?:40[13]|50[234])\b/.test(withoutUrls(line))) ??
    lines.find((line) => /error|fail|refus|denied|could not|unable|authenticat/i.test(line)) ??
    lines.at(-1)
  return found ?? ''
}

/** What differs from one run to the next is left out. */
function anonymize(line: string, { gate }: Scene, secret: string): string {
  const { host } = new URL(gate.url)
  return line
    .replaceAll(secret, 'SECRET')
    .replaceAll(gate.url, 'https://packages.example.com')
    .replaceAll(host, 'packages.example.com')
    .replaceAll(/http:\/\/(?=[^\s/]*@?packages\.example\.com)/g, 'https://')
    .replaceAll(/ \[IP: [^\]]*\]| \(IP: [^)]*\)/g, '')
    .replaceAll(/\/tmp\/postern-[^\s"']*/g, '…')
    .replaceAll(/time="[^"]*" /g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

const BEFORE = 90
const LONGEST = 190

/** The part around the reason, or the beginning. */
function shorten(line: string, says: string): string {
  if (line.length <= LONGEST) return line
  const at = Math.max(0, line.indexOf(says) - BEFORE)
  const start = at === 0 ? 0 : line.indexOf(' ', at) + 1
  const end = start + LONGEST
  return `${start === 0 ? '' : '… '}${line.slice(start, end)}${end < line.length ? '…' : ''}`
}
