import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { axisInstant } from '../words/instants.ts'

/** What a chart shows: a bar for each hour or day. */
export interface Series {
  /** Beginning of each, seconds since 1970, ascending. */
  readonly starts: readonly number[]
  readonly values: readonly number[]
  readonly show: (value: number) => string
}

export interface ChartEvents {
  /** The bar under the pointer. */
  readonly onPoint: (index: number | undefined) => void
  readonly onZoom: (isZoomed: boolean) => void
}

const HEIGHT = 220
const LEAST_WIDTH = 200
const WIDEST_BAR = 60
const DAY_SECONDS = 86_400

/** Draws into `place`, as wide as that is, with its colours. */
export function drawChart(place: HTMLElement, series: Series, events: ChartEvents): uPlot {
  const options: uPlot.Options = {
    width: widthIn(place),
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    legend: { show: false },
    cursor: { drag: { x: true, y: false }, points: { show: false }, y: false },
    ...looksOf(place, series),
    ...behaviourOf(series, events),
  }
  return new uPlot(options, [[...series.starts], [...series.values]], place)
}

/** Pixels that a chart takes. */
export function widthIn(place: HTMLElement): number {
  return Math.max(LEAST_WIDTH, place.clientWidth)
}

function looksOf(place: HTMLElement, series: Series): Pick<uPlot.Options, 'axes' | 'series'> {
  const style = getComputedStyle(place)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const line = { stroke: colour('--line'), width: 1 }
  const axis = { stroke: colour('--muted'), font: `12px ${style.fontFamily}`, grid: line, ticks: line }
  const bars = uPlot.paths.bars?.({ size: [0.8, WIDEST_BAR], align: 1 })
  const colours = { stroke: colour('--accent'), fill: colour('--accent-soft'), width: 1 }
  return {
    axes: [
      { ...axis, values: (_plot, splits) => splits.map((each) => axisInstant(each * 1000)) },
      { ...axis, size: 64, values: (_plot, splits) => splits.map((each) => labelOf(each, series)) },
    ],
    series: [{}, { ...colours, ...(bars ? { paths: bars } : {}), points: { show: false } }],
  }
}

function behaviourOf(
  series: Series,
  { onPoint, onZoom }: ChartEvents,
): Pick<uPlot.Options, 'scales' | 'hooks'> {
  const { first, last, end } = edgesOf(series)
  return {
    scales: {
      // The last bar has its width, too.
      x: { time: true, range: (_plot, min, max) => [min, max === last ? end : max] },
      y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] },
    },
    hooks: {
      setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)],
      setScale: [
        ({ scales }, key) => {
          if (key === 'x') onZoom((scales['x']?.min ?? first) > first || (scales['x']?.max ?? end) < end)
        },
      ],
    },
  }
}

/** Where the first bar begins, and where the last one begins and ends. */
function edgesOf({ starts }: Series) {
  const [first = 0, second = first + DAY_SECONDS] = starts
  const last = starts.at(-1) ?? first
  return { first, last, end: last + second - first }
}

/** Halves of a download are no label. */
function labelOf(value: number, { show }: Series): string {
  return Number.isInteger(value) ? show(value) : ''
}

/** Shows all of it again. */
export function zoomOut(plot: uPlot, series: Series): void {
  const { first, end } = edgesOf(series)
  plot.setScale('x', { min: first, max: end })
}
