import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type uPlot from 'uplot'
import { Button } from '../parts/button.tsx'
import { drawChart, widthIn, zoomOut, type Series } from './draw.ts'

interface ChartProps {
  readonly series: Series
  /** Says what is under the pointer. */
  readonly describe: (index: number) => string
}

/** Bars over time; what is dragged over is shown larger. For the eye only: a table beside it says the same. */
export function Chart({ series, describe }: ChartProps): VNode {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const [pointed, setPointed] = useState<number>()
  const [isZoomed, setZoomed] = useState(false)
  const scheme = useColourScheme()
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const drawn = drawChart(element, series, { onPoint: setPointed, onZoom: setZoomed })
    plot.current = drawn
    const resizing = new ResizeObserver(() => {
      const width = widthIn(element)
      if (width !== drawn.width) drawn.setSize({ width, height: drawn.height })
    })
    resizing.observe(element)
    return () => {
      resizing.disconnect()
      drawn.destroy()
    }
  }, [series, scheme])
  return (
    <div class="chart">
      <div ref={place} aria-hidden="true" />
      <div class="chart-foot">
        <p class="muted" aria-hidden="true">
          {pointed === undefined ? 'Drag over a part to see it larger.' : describe(pointed)}
        </p>
        {isZoomed ? (
          <Button kind="quiet" onClick={() => plot.current && zoomOut(plot.current, series)}>
            Show all
          </Button>
        ) : null}
      </div>
    </div>
  )
}

/** The colours of a canvas do not follow those of the page. */
function useColourScheme(): boolean {
  const [isDark, setDark] = useState(() => query().matches)
  useEffect(() => {
    const media = query()
    const update = (): void => setDark(media.matches)
    media.addEventListener('change', update)
    return () => media.removeEventListener('change', update)
  }, [])
  return isDark
}

function query(): MediaQueryList {
  return window.matchMedia('(prefers-color-scheme: dark)')
}
