import { setImmediate as nextTurn } from 'node:timers/promises'
import { createEdits, type Edits } from './edits.ts'
import type { ChangeUrls } from './helm-place.ts'
import { findUrls } from './helm-version.ts'

/** Read in one go; a few milliseconds. */
const SLICE_BYTES = 32 * 1024
const [LF, SPACE, TAB, CR, DASH, HASH] = [0x0a, 0x20, 0x09, 0x0d, 0x2d, 0x23]

/** One line that says something. */
interface Line {
  readonly start: number
  readonly end: number
  /** Spaces before it. */
  readonly indent: number
  /** Begins an element of a list. */
  readonly isElement: boolean
}

/** The name of a chart, and below it a list with its versions. */
interface Chart {
  readonly start: number
  /** Changes that had been made before it. */
  readonly edits: number
  /** Of its versions; undefined before the first. */
  indent: number | undefined
  version: number | undefined
  seen: number
  kept: number
}

/** `top`: beside the charts. */
type Place = 'top' | 'entries'

/** How far an index was read. */
interface Reading {
  place: Place
  hasEntries: boolean
  isBegun: boolean
  /** Of the charts' names; undefined before the first. */
  indent: number | undefined
  chart: Chart | undefined
  seen: number
  kept: number
}

/**
 * Changes the URLs of an index in YAML and leaves out versions, and charts of which no version is left. Every other byte stays: nothing is written anew. The
 * lists may be indented or not, as Helm has done both. undefined when nothing is left of something. Rejects (Error) what is built otherwise.
 */
export async function rewriteHelmYaml(index: Buffer, change: ChangeUrls): Promise<Buffer | undefined> {
  const edits = createEdits()
  const reading: Reading = {
    place: 'top',
    hasEntries: false,
    isBegun: false,
    indent: undefined,
    chart: undefined,
    seen: 0,
    kept: 0,
  }
  let rest = SLICE_BYTES
  for (let at = 0; at < index.length;) {
    const end = endOfLine(index, at)
    const line = readLine(index, at, end)
    if (line !== undefined) readOn(index, edits, change, reading, line)
    at = end
    if (at > rest) {
      rest = at + SLICE_BYTES
      await nextTurn()
    }
  }
  endChart(index, edits, change, reading, index.length)
  return reading.kept === 0 && reading.seen > 0 ? undefined : edits.apply(index)
}

/** Behind the line break. */
function endOfLine(index: Buffer, at: number): number {
  const end = index.indexOf(LF, at)
  return end === -1 ? index.length : end + 1
}

/** undefined for what is blank or a comment. */
function readLine(index: Buffer, start: number, end: number): Line | undefined {
  let at = start
  while (index[at] === SPACE) at++
  const first = index[at]
  if (at >= end || first === LF || first === CR || first === HASH) return undefined
  if (first === TAB) throw odd('a tab', start)
  const next = index[at + 1]
  const isElement =
    first === DASH && (at + 1 >= end || next === SPACE || next === LF || next === CR || next === TAB)
  return { start, end, indent: at - start, isElement }
}

function readOn(index: Buffer, edits: Edits, change: ChangeUrls, reading: Reading, line: Line): void {
  if (line.indent === 0) {
    endChart(index, edits, change, reading, line.start)
    readTop(index, reading, line)
  } else if (reading.place === 'entries') {
    readEntries(index, edits, change, reading, line)
  }
}

// Blanks belong to one part of each pattern: were there two to share them, a long line of blanks would be tried in all ways to share it.
const TOP = /^(["']?)([A-Za-z][A-Za-z0-9_-]*)\1:(?:\s+(\S.*))?$/

function readTop(index: Buffer, reading: Reading, line: Line): void {
  const text = textOf(index, line).replace(/^\ufeff/, '')
  const [, , key, value = ''] = TOP.exec(text) ?? []
  if (text === '---' && !reading.isBegun) return
  const isMember = key !== undefined || (line.isElement && reading.place === 'top' && reading.isBegun)
  if (!isMember || (key === 'entries' && reading.hasEntries)) throw odd('an odd line', line.start)
  reading.isBegun = true
  if (key === undefined) return
  reading.place = key === 'entries' ? 'entries' : 'top'
  if (key !== 'entries') return
  reading.hasEntries = true
  if (/^(?:\{\s*\}|null|~)\s*(?:#.*)?$/.test(value)) reading.place = 'top'
  else if (value !== '' && !value.startsWith('#')) throw odd('entries in one line', line.start)
}

const CHART = /^(?:[A-Za-z0-9][A-Za-z0-9._-]*|"[^"\\]+"|'[^']+'):\s*(?:(?:\[\s*\]|null|~)\s*)?(?:#.*)?$/

function readEntries(index: Buffer, edits: Edits, change: ChangeUrls, reading: Reading, line: Line): void {
  const { indent, isElement, start } = line
  reading.indent ??= indent
  const { chart } = reading
  if (indent < reading.indent) throw odd('an odd indentation', start)
  if (indent === reading.indent && !isElement) {
    if (!CHART.test(textOf(index, line))) throw odd('a chart in an odd form', start)
    endChart(index, edits, change, reading, start)
    reading.chart = { start, edits: edits.count(), indent: undefined, version: undefined, seen: 0, kept: 0 }
    return
  }
  if (chart === undefined) throw odd('a list without a chart', start)
  if (isElement) chart.indent ??= indent
  if (chart.indent === undefined || indent < chart.indent || (indent === chart.indent && !isElement))
    throw odd('an odd indentation', start)
  if (indent > chart.indent) return
  endVersion(index, edits, change, chart, start)
  chart.version = start
}

function endVersion(index: Buffer, edits: Edits, change: ChangeUrls, chart: Chart, end: number): void {
  const start = chart.version
  if (start === undefined) return
  const found = findUrls(index.subarray(start, end))
  const written = change(found.map(({ url }) => url))
  chart.version = undefined
  chart.seen++
  if (written === undefined) {
    edits.replace(start, end, '')
    return
  }
  chart.kept++
  for (const [at, each] of found.entries()) {
    const place = written[at]
    // A text in JSON is one in YAML.
    if (place !== undefined) edits.replace(start + each.start, start + each.end, JSON.stringify(place))
  }
}

function endChart(index: Buffer, edits: Edits, change: ChangeUrls, reading: Reading, end: number): void {
  const { chart } = reading
  if (chart === undefined) return
  endVersion(index, edits, change, chart, end)
  reading.chart = undefined
  reading.seen += chart.seen
  reading.kept += chart.kept
  if (chart.kept > 0 || chart.seen === 0) return
  edits.keep(chart.edits)
  edits.replace(chart.start, end, '')
}

function textOf(index: Buffer, { start, end, indent }: Line): string {
  return index.toString('utf8', start + indent, end).trimEnd()
}

function odd(what: string, at: number): Error {
  return new Error(`the storage's index.yaml is nothing that Helm would write: ${what} at byte ${at}`)
}
