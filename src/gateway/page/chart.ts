import { formatBytes } from '../../text/bytes.ts'
import type { DayOfUse } from './gather.ts'
import { markup, type Html } from './html.ts'
import { dayOf, grouped, some } from './words.ts'

const WIDTH = 600
const HEIGHT = 160
const TOP = 16
const BOTTOM = 20
const FLOOR = HEIGHT - BOTTOM
const GAP = 3

/** Downloads day by day, as a picture, and in a table for whoever does not see it. `days` is not empty. */
export function drawUsage(days: readonly DayOfUse[]): Html {
  const most = Math.max(1, ...days.map(({ downloads }) => downloads))
  const total = days.reduce((sum, { downloads }) => sum + Math.max(0, downloads), 0)
  const bytes = days.reduce((sum, each) => sum + each.bytes, 0)
  const [first, last] = [days[0]?.start ?? 0, days.at(-1)?.start ?? 0]
  const said = `${some(total, 'download')} and ${formatBytes(bytes)} from ${dayOf(first)} to ${dayOf(last)}`
  return markup`<p>${said}.</p>
<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Chart: ${said}; at most ${some(most, 'download')} on a day. The table below has the figures.">
<line x1="0" y1="${TOP}" x2="${WIDTH}" y2="${TOP}"/><line x1="0" y1="${FLOOR}" x2="${WIDTH}" y2="${FLOOR}"/>
<text x="0" y="${TOP - 4}">${some(most, 'download')}</text>
${days.map((day, at) => bar(day, at, days.length, most))}
<text x="0" y="${HEIGHT - 5}">${dayOf(first)}</text><text x="${WIDTH}" y="${HEIGHT - 5}" text-anchor="end">${dayOf(last)}</text>
</svg>
<details><summary>Day by day</summary>
<table><caption>Days of UTC on which something was used</caption>
<thead><tr><th scope="col">Day</th><th scope="col" class="number">Downloads</th><th scope="col" class="number">Bandwidth</th></tr></thead>
<tbody>
${days.filter(({ downloads, bytes: sent }) => downloads !== 0 || sent !== 0).map(row)}</tbody></table></details>`
}

function bar({ start, downloads }: DayOfUse, at: number, days: number, most: number): Html {
  const room = WIDTH / days
  const height = Math.round((Math.max(0, downloads) / most) * (FLOOR - TOP))
  if (downloads <= 0) return markup``
  const x = Math.round(at * room * 10) / 10
  return markup`<rect x="${x}" y="${FLOOR - Math.max(1, height)}" width="${room - GAP}" height="${Math.max(1, height)}"><title>${dayOf(start)}: ${grouped(downloads)}</title></rect>
`
}

function row({ start, downloads, bytes }: DayOfUse): Html {
  return markup`<tr><th scope="row">${dayOf(start)}</th><td class="number">${grouped(downloads)}</td><td class="number">${formatBytes(bytes)}</td></tr>
`
}
