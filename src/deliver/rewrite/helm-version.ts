import { isAlias, isMap, isScalar, isSeq, parseDocument, type ParsedNode } from 'yaml'

/** A URL of a version in the text of an index, as offsets in bytes. */
export interface FoundUrl {
  readonly url: string
  readonly start: number
  readonly end: number
}

/**
 * Finds the URLs in the entry of one version: an element of a list that lies alone in `entry`, with nothing missing. Most entries are as Helm itself
 * writes them, and read line by line; others by a reader of YAML, which takes a hundred times as long. Rejects (Error) what it can't read for certain.
 */
export function findUrls(entry: Buffer): readonly FoundUrl[] {
  return findInLines(entry.toString('latin1')) ?? findInYaml(entry)
}

/** Nothing larger is read in one go by what takes its time. */
const LARGEST_ODD_ENTRY = 256 * 1024

const FIRST = /^ *- +(?=[A-Za-z])/
/** The value begins behind all blanks: else a line of them would be tried in all ways to cut it. */
const KEY = /^([A-Za-z][A-Za-z0-9_-]*):(?: +(?! )(.*))?$/
const PLAIN_URL = /^- +([A-Za-z0-9./][A-Za-z0-9:/._~%+@?=&;,!$()*-]*)$/
/** What begins a value that may go on over lines like any, and how it ends then. */
const CLOSED: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['[', ']'],
  ['{', '}'],
])

/** A member of the entry, as far as it was read. */
interface Member {
  readonly key: string
  readonly value: string
  /** The last of what was seen of the value. */
  last: string
  hasMore: boolean
}

/** undefined when something is not as Helm writes it. Characters are bytes. */
function findInLines(text: string): FoundUrl[] | undefined {
  const first = FIRST.exec(text)?.[0]
  if (first === undefined) return undefined
  const indent = first.length
  const keys = new Set<string>()
  const urls: FoundUrl[] = []
  let member: Member | undefined
  for (let at = 0; at < text.length;) {
    const end = endOfLine(text, at)
    const start = at === 0 ? indent : at + indentOf(text, at)
    const line = text.slice(start, end).trimEnd()
    const column = start - at
    at = end + 1
    if (line === '' || line.startsWith('#')) continue
    if (column < indent) return undefined
    const key = column === indent && !line.startsWith('- ') ? KEY.exec(line) : undefined
    if (key === null) return undefined
    if (key !== undefined) {
      const [, name = '', value = ''] = key
      if (!isClosed(member) || keys.has(name) || /^[&*!%@`]/.test(value)) return undefined
      keys.add(name)
      member = { key: name, value, last: value, hasMore: false }
    } else if (member?.key === 'urls') {
      const url = PLAIN_URL.exec(line)?.[1]
      if (url === undefined || url.endsWith(':')) return undefined
      const begin = start + line.length - url.length
      urls.push({ url, start: begin, end: begin + url.length })
    } else if (member === undefined || (column === indent && member.value !== '')) return undefined
    if (key === undefined && member !== undefined) {
      member.last = line
      member.hasMore = true
    }
    if (member?.key === 'urls' && member.value !== '') return undefined
  }
  return isClosed(member) ? urls : undefined
}

function isClosed(member: Member | undefined): boolean {
  const end = CLOSED.get(member?.value.charAt(0) ?? '')
  if (member === undefined || end === undefined) return true
  return member.last.endsWith(end) && (member.hasMore || member.value.length > 1)
}

function indentOf(text: string, at: number): number {
  let next = at
  while (text[next] === ' ') next++
  return next - at
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

function findInYaml(entry: Buffer): FoundUrl[] {
  if (entry.length > LARGEST_ODD_ENTRY) throw unreadable()
  const text = entry.toString()
  const { contents, errors } = parseDocument(text, { prettyErrors: false, logLevel: 'silent' })
  const [version, ...others] = isSeq<ParsedNode>(contents) ? contents.items : []
  if (errors.length > 0 || !isMap(version) || others.length > 0) throw unreadable()
  // Merged in from elsewhere.
  if (version.items.some(({ key }) => !isScalar(key) || key.value === '<<')) throw unreadable()
  const urls = version.get('urls', true)
  if (urls === undefined || (isScalar(urls) && urls.value === null)) return []
  if (isAlias(urls) || !isSeq<ParsedNode>(urls)) throw unreadable()
  return urls.items.map((item) => {
    if (!isScalar(item) || typeof item.value !== 'string' || item.anchor !== undefined) throw unreadable()
    const [start, end] = item.range
    return {
      url: item.value,
      start: Buffer.byteLength(text.slice(0, start)),
      // That of a block includes its last line break.
      end: Buffer.byteLength(text.slice(0, end).trimEnd()),
    }
  })
}

function unreadable(): Error {
  return new Error("an entry of the storage's index.yaml is nothing that Helm would write")
}
