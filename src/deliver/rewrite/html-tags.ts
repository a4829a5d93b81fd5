/** The beginning of an element. */
export interface Tag {
  /** Lower case. */
  readonly name: string
  /** Names in lower case, values with their character references resolved. */
  readonly attributes: ReadonlyMap<string, string>
  /** Offset behind it. */
  readonly end: number
}

const NAME = /[a-zA-Z][^\s/>]*/y
const SPACE = /[\s/]*/y
const ATTRIBUTE = /[^\s=>/]+/y
const VALUE = /\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*))/y
/** What stands inside is no markup. */
const RAW: ReadonlySet<string> = new Set(['script', 'style', 'textarea', 'title'])

/**
 * The next beginning of an element at or behind `from`, comments and raw text passed over; undefined when there is none that ends. Takes time
 * linear in what it passes.
 */
export function nextTag(html: string, from: number): Tag | undefined {
  for (let at = html.indexOf('<', from); at !== -1; at = html.indexOf('<', at)) {
    if (html.startsWith('<!--', at)) {
      const end = html.indexOf('-->', at + 4)
      if (end === -1) return undefined
      at = end
      continue
    }
    const name = match(NAME, html, at + 1)?.[0].toLowerCase()
    if (name === undefined) at++
    else {
      const tag = readTag(html, name, at + 1 + name.length)
      return tag !== undefined && RAW.has(name) ? { ...tag, end: endOfRaw(html, name, tag.end) } : tag
    }
  }
  return undefined
}

function readTag(html: string, name: string, from: number): Tag | undefined {
  const attributes = new Map<string, string>()
  let at = from
  for (;;) {
    at += match(SPACE, html, at)?.[0].length ?? 0
    if (at >= html.length) return undefined
    if (html[at] === '>') return { name, attributes, end: at + 1 }
    const attribute = match(ATTRIBUTE, html, at)?.[0] ?? '='
    at += attribute.length
    const value = match(VALUE, html, at)
    at += value?.[0].length ?? 0
    const key = attribute.toLowerCase()
    // The first one counts.
    if (!attributes.has(key))
      attributes.set(key, resolveReferences(value?.[1] ?? value?.[2] ?? value?.[3] ?? ''))
  }
}

function endOfRaw(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}`, 'gi')
  end.lastIndex = from
  return end.exec(html)?.index ?? html.length
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', '\u00a0'],
])

/** Character references that attributes of such pages have; others stay as they are. */
export function resolveReferences(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(
    /&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g,
    (all, decimal, hex, name) => {
      if (typeof name === 'string') return NAMED.get(name) ?? all
      const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16)
      return code > 0x10_ff_ff || (code >= 0xd800 && code <= 0xdfff) ? all : String.fromCodePoint(code)
    },
  )
}

/** Text for an attribute or between tags, in ASCII, so that no charset can change it. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[^ !#-%(-;=?-~]/gu, (character) => `&#${character.codePointAt(0)};`)
}
