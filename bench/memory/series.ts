import { renderTable, whole } from '../words.ts'

/** How the memory of one server grew. */
export interface Series {
  readonly name: string
  readonly steps: readonly Step[]
}

/** Resident bytes of the server: the most since the step before, and at its end. */
interface Step {
  readonly requests: number
  readonly seconds: number
  readonly most: number
  readonly last: number
}

const WANTED_BYTES = 250e6
/** By which the last quarter may exceed the second. */
const FLAT = 1.05

/** Markdown: how much, when, and whether that is as little and as flat as promised. */
export function renderSeries(all: readonly Series[]): string {
  return all.map(renderOne).join('\n')
}

function renderOne({ name, steps }: Series): string {
  const rows = steps.map(({ requests, seconds, most, last }) => [
    requests.toLocaleString('en'),
    seconds.toFixed(0),
    megabytes(most),
    megabytes(last),
  ])
  const table = renderTable(['requests', 'seconds', 'most, MB', 'then, MB'], rows)
  return `### Memory of ${name}, each used once\n\n${table}\n\n${judge(steps)}\n`
}

function judge(steps: readonly Step[]): string {
  const most = Math.max(...steps.map((each) => each.most))
  const quarter = Math.floor((steps.length - 1) / 4)
  const second = mean(steps.slice(1 + quarter, 1 + 2 * quarter))
  const last = mean(steps.slice(-quarter))
  const growth = last / second
  return [
    `- At most 250 MB: **${most <= WANTED_BYTES ? 'yes' : 'no'}**, ${megabytes(most)} MB.`,
    `- Flat: **${growth <= FLAT ? 'yes' : 'no'}**, the last quarter takes ${growth.toFixed(2)} times as much as the second.`,
  ].join('\n')
}

function mean(steps: readonly Step[]): number {
  return steps.reduce((sum, each) => sum + each.most, 0) / steps.length
}

function megabytes(bytes: number): string {
  return whole(bytes / 1e6)
}
