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
const WIDEST_BAR = 60

/** Draws into `place`, as wide as that is, with its colours. */
export function drawChart(place: HTMLElement, series: Series, { onPoint, onZoom }: ChartEvents): uPlot {
  const [first = 0, second = first + 86_400] = series.starts
  const length = second - first
  const last = series.starts.at(-1) ?? first
  const end = last + length
  const colour = (name: string): string => getComputedStyle(place).getPropertyValue(name).trim()
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    font: `12px ${getComputedStyle(place).fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
  }
  const bars = uPlot.paths.bars?.({ size: [0.8, WIDEST_BAR], align: 1 })
  return new uPlot(
    {
      width: Math.max(200, place.clientWidth),
      height: HEIGHT,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      legend: { show: false },
      cursor: { drag: { x: true, y: false }, points: { show: false }, y: false },
      scales: {
        // The last bar has its width, too.
        x: { time: true, range: (_plot, min, max) => [min, max === last ? end : max] },
        y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] },
      },
      axes: [
        { ...axis, values: (_plot, splits) => splits.map((each) => axisInstant(each * 1000)) },
        { ...axis, size: 64, values: (_plot, splits) => splits.map((each) => labelOf(each, series)) },
      ],
      series: [
        {},
        {
          stroke: colour('--accent'),
          fill: colour('--accent-soft'),
          width: 1,
          ...(bars ? { paths: bars } : {}),
          points: { show: false },
        },
      ],
      hooks: {
        setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)],
        setScale: [
          ({ scales }, key) => {
            if (key === 'x') onZoom((scales['x']?.min ?? first) > first || (scales['x']?.max ?? end) < end)
          },
        ],
      },
    },
    [[...series.starts], [...series.values]],
    place,
  )
}

/** Halves of a download are no label. */
function labelOf(value: number, { show }: Series): string {
  return Number.isInteger(value) ? show(value) : ''
}

/** Shows all of it again. */
export function zoomOut(plot: uPlot, { starts }: Series): void {
  const [first = 0, second = first + 86_400] = starts
  plot.setScale('x', { min: first, max: (starts.at(-1) ?? first) + second - first })
}
