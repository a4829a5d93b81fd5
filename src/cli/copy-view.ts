import { formatBytes } from '../text/bytes.ts'
import { counted } from '../text/counted.ts'
import { printJson } from './command-options.ts'
import type { CliContext, CopyOutcome, CopyProgress, CopySummary, Screen } from './dependencies.ts'
import { EXIT, refused, unusable } from './errors.ts'
import { renderFacts } from './table.ts'

const STEPS: Readonly<Record<CopyProgress['step'], string>> = {
  backup: 'Backing up',
  verify: 'Checking',
  restore: 'Restoring',
}
/** A terminal is redrawn so often; elsewhere a line is written. */
const DRAWN_EACH_MS = 100
const WRITTEN_EACH_MS = 5_000
const BAR_WIDTH = 30

/** Shows progress: as a bar that is redrawn at a terminal, else as a line now and then. */
export function createProgress(
  { write, isTerminal }: Screen,
  clock: () => number,
): { readonly show: (progress: CopyProgress) => void; readonly end: () => void } {
  let shownAt = clock()
  let isDrawn = false
  return {
    show: (progress) => {
      const now = clock()
      if (now - shownAt < (isTerminal ? DRAWN_EACH_MS : WRITTEN_EACH_MS)) return
      shownAt = now
      isDrawn = isTerminal
      write(isTerminal ? `\r\u001B[K${renderBar(progress)}` : `${renderLine(progress)}\n`)
    },
    end: () => {
      if (isDrawn) write('\r\u001B[K')
    },
  }
}

function renderLine({ step, records, total }: CopyProgress): string {
  const share = total === null ? '' : ` of ${total} (${percentOf(records, total)} %)`
  return `${STEPS[step]}: ${counted(records, 'record')}${share}`
}

function renderBar(progress: CopyProgress): string {
  const { step, records, total } = progress
  if (total === null) return renderLine(progress)
  const filled = Math.round((BAR_WIDTH * percentOf(records, total)) / 100)
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_WIDTH - filled)
  return `${STEPS[step]} [${bar}] ${percentOf(records, total)} % of ${counted(total, 'record')}`
}

function percentOf(records: number, total: number): number {
  return total === 0 ? 100 : Math.min(100, Math.floor((100 * records) / total))
}

/** What a person calls the kinds of records, in the order in which they are told. */
const NAMES: Readonly<Record<string, string>> = {
  token: 'tokens',
  account: 'accounts of tokens',
  key: 'API keys',
  audit: 'audit entries',
  webhook: 'webhooks',
  event: 'events that wait',
  delivery: 'deliveries',
  seen: 'events told before',
  refusal: 'refusals of the hour',
  bucket: 'hours and days',
  package: 'packages of tokens',
  'repository-package': 'packages',
  downloader: 'downloaders',
  'package-day': 'days of packages',
  download: 'logged downloads',
}

/** Prints what was done, or fails with why it was not. `done`: a sentence. */
export function concludeCopy(
  context: CliContext,
  outcome: CopyOutcome,
  { json, begunAt, done }: { readonly json: boolean; readonly begunAt: number; readonly done: string },
): void {
  if (!outcome.ok) throw outcome.isRefusal ? refused(outcome.message) : unusable(outcome.message)
  const { summary } = outcome
  const seconds = Math.round((context.clock() - begunAt) / 100) / 10
  if (summary.leftOut.length > 0) context.setExitCode(EXIT.refused)
  if (json) return printJson(context, toJson(summary, seconds))
  const { write } = context.stderr
  write(`${done}\n\n${renderFacts(factsOf(summary, seconds))}`)
  if (summary.leftOut.length > 0) {
    const tokens = summary.leftOut.join(', ')
    write(`\nLeft out, because another token of their repository has the same secret: ${tokens}\n`)
  }
}

function factsOf(summary: CopySummary, seconds: number): [string, string][] {
  const { madeAt, store, version, records, bytes, isKeyChecked } = summary
  const kinds = Object.keys(NAMES).flatMap((kind): [string, string][] => {
    const count = records[kind] ?? 0
    return count === 0 ? [] : [[NAMES[kind] ?? kind, String(count)]]
  })
  return [
    ['made', `${madeAt}, of a ${store} store, by Postern ${version}`],
    ...kinds,
    ['size', formatBytes(bytes)],
    ['took', `${seconds} s`],
    ...(isKeyChecked ? [] : [['server key', 'not checked: no configuration'] satisfies [string, string]]),
  ]
}

function toJson(summary: CopySummary, seconds: number): Record<string, unknown> {
  const { madeAt, store, version, records, bytes, leftOut, isKeyChecked } = summary
  const facts = { made_at: madeAt, store, postern: version, records, bytes, seconds }
  return { ...facts, left_out: leftOut, key_checked: isKeyChecked }
}
