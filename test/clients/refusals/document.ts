import { readFileSync } from 'node:fs'
import type { Form } from './clients.ts'
import type { Observed, Shown } from './observe.ts'

export const DOCUMENT: URL = new URL('../../../docs/refusals.md', import.meta.url)

const TELLS: Readonly<Record<Shown, string>> = {
  reason: 'the reason',
  status: 'the status',
  nothing: 'neither',
}

/** What one client printed. */
export interface ClientReport {
  readonly name: string
  readonly version: string
  readonly observed: readonly Observed[]
}

/** The manual's page on what clients print, as text. */
export function renderDocument(reports: readonly ClientReport[]): string {
  const sections = reports.map(
    ({ name, version, observed }) =>
      `## ${name}\n\n${version}\n\n| refused because | secret in | tells | prints | refused requests |\n| --- | --- | --- | --- | --- |\n${observed
        .map((each) => `${row(each)}\n`)
        .join('')}`,
  )
  return `${HEAD}\n${sections.join('\n')}`
}

function row({ title, form, shown, line, requests }: Observed): string {
  return `| ${title} | ${form} | ${TELLS[shown]} | \`${line.replaceAll('|', '\\|').replaceAll('`', "'")}\` | ${requests} |`
}

/** What the page says that a client tells, in the order of its rows: `expired, path: reason`. */
export function readDocument(name: string): string[] {
  const text = readFileSync(DOCUMENT, 'utf8')
  const section = text.split(/^## /m).find((each) => each.startsWith(`${name}\n`)) ?? ''
  const rows = section.split('\n').filter((line) => /^\| (?!refused because|-)/.test(line))
  return rows.map((line) => {
    const [, title = '', form = '', tells = ''] = line.split('|').map((cell) => cell.trim())
    const [shown] = Object.entries(TELLS).find(([, words]) => words === tells) ?? []
    return `${title}, ${form}: ${shown}`
  })
}

const CLIENTS_PAGE = new URL('../../../docs/clients.md', import.meta.url)

interface LockRow {
  readonly name: string
  readonly cells: readonly { readonly form: Form; readonly holds: string }[]
}

/** The table of lock files in docs/clients.md; a dash is for what can't be tried here. */
export function readLockTable(): LockRow[] {
  const [, section = ''] = readFileSync(CLIENTS_PAGE, 'utf8').split('## Lock files')
  const [table = ''] = section.split('\n## ')
  const rows = table.split('\n').filter((line) => /^\| (?!client|-)/.test(line))
  return rows.map((line) => {
    const [, name = '', , path = '', password = ''] = line.split('|').map((cell) => cell.trim())
    const cells = [
      { form: 'path', holds: path },
      { form: 'password', holds: password },
    ] as const
    return { name, cells: cells.filter(({ holds }) => holds !== '-') }
  })
}

const HEAD = `# What customers read when they are refused

One line of what each client printed, from real clients in front of a real gate; \`npm run docs:refusals\` makes this page anew. The gate sends the
reason in every form that some client shows ([errors.md](errors.md)), but not every client shows one. Those below were refused for each reason and
then allowed what they wanted: none had remembered the refusal, and none asked without end. *Tells* is what the person learns: the reason, no more
than the status, or neither; then \`postern explain\` tells it to the vendor.
`
