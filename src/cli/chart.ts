import { padEnd, padStart, widthOf } from './text.ts'

export interface Bar {
  readonly label: string
  /** Below zero is drawn as zero. */
  readonly value: number
  /** How the value is written behind the bar. */
  readonly text: string
}

export interface ChartOptions {
  /** Columns that lines may have. */
  readonly width: number
  /** Ever longer parts of one column of a bar, the whole last. */
  readonly parts: readonly string[]
}

const GAP = 2
const LEAST_BAR = 8
const LONGEST_BAR = 60

/** Horizontal bars, the longest of which fills what is left of the width. What is not nothing is seen. Each line ends in a line break. */
export function renderBars(bars: readonly Bar[], { width, parts }: ChartOptions): string {
  const labels = Math.max(0, ...bars.map(({ label }) => widthOf(label)))
  const texts = Math.max(0, ...bars.map(({ text }) => widthOf(text)))
  const room = Math.min(LONGEST_BAR, Math.max(LEAST_BAR, width - labels - texts - 2 * GAP))
  const most = Math.max(...bars.map(({ value }) => value), 0)
  return bars
    .map(({ label, value, text }) => {
      const bar = drawBar(most === 0 ? 0 : (Math.max(0, value) / most) * room, parts)
      const gap = ' '.repeat(GAP)
      return `${padEnd(label, labels)}${gap}${padEnd(bar, room)}${gap}${padStart(text, texts)}\n`
    })
    .join('')
}

function drawBar(length: number, parts: readonly string[]): string {
  if (length <= 0) return ''
  const steps = Math.max(1, Math.round(length * parts.length))
  const [whole, rest] = [Math.floor(steps / parts.length), steps % parts.length]
  return (parts.at(-1) ?? '').repeat(whole) + (rest === 0 ? '' : (parts[rest - 1] ?? ''))
}
