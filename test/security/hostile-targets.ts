import * as fc from 'fast-check'
import { FORMATS } from '../../src/policy/formats.ts'
import { FILES, OUTSIDE } from './storage-tree.ts'

/** A request as a client would send it. */
export interface HostileRequest {
  readonly target: string
  readonly host: string
}

/** Changes `text` at a place that the number `at` chooses. */
type Trick = (text: string, at: number) => string

const SEGMENTS = [
  '.',
  '..',
  '',
  '%2e',
  '%2e%2e',
  '.%2E',
  '%252e%252e',
  '..;',
  '..%00',
  '%c0%ae%c0%ae',
  '...',
  '..%20',
  'x/..',
]
const SLASHES = [
  '//',
  '/./',
  '%2f',
  '%2F',
  '%5c',
  '\\',
  '%252f',
  '%c0%af',
  '%ef%bc%8f',
  '/x/../',
  '/%2e/',
  '/../',
  '/;x/',
  ';/',
]
const ENDS = [
  '/',
  '//',
  '/.',
  '/..',
  '/%2e',
  '?x',
  '?',
  '?/../x',
  '??',
  '#',
  '#x',
  ';',
  ';x',
  '%00',
  '%00.asc',
  '%20',
  ' ',
  '.',
]
const ENDS_ESCAPED = [
  '%2f',
  '%3f',
  '%3fx',
  '%23x',
  '%3bx',
  '%0a',
  '%0d%0a',
  '%',
  '%2',
  '%e2%80%8b',
  '::$DATA',
  '.asc',
  '/x',
]
const CHARACTERS = [
  '%',
  '.',
  '/',
  '\\',
  ';',
  '?',
  '#',
  '@',
  '+',
  '~',
  ' ',
  '\u0000',
  '\u00c3',
  '\u00fc',
  '%25',
  '%2',
  'A',
  '"',
  '|',
]

function chosen(list: readonly string[], at: number): string {
  return list[at % list.length] ?? ''
}

/** Puts `replacement` in the place of `length` characters. */
function splice(text: string, at: number, length: number, replacement: string): string {
  const start = at % (text.length + 1)
  return text.slice(0, start) + replacement + text.slice(start + length)
}

function escapeByte(byte: number, upper: boolean): string {
  const hex = byte.toString(16).padStart(2, '0')
  return `%${upper ? hex.toUpperCase() : hex}`
}

/** Escapes one character, unless it is one that must stay for the target to make sense to anybody. */
function escapeOne(text: string, at: number): string {
  const start = at % Math.max(text.length, 1)
  const character = text.charAt(start)
  if (/[%/]/.test(character) || text.slice(Math.max(0, start - 2), start).includes('%')) return text
  return splice(text, start, 1, escapeByte(character.charCodeAt(0) & 0xff, at % 2 === 0))
}

function flipCase(text: string, at: number): string {
  const character = text.charAt(at % Math.max(text.length, 1))
  const upper = character.toUpperCase()
  return splice(text, at % Math.max(text.length, 1), 1, upper === character ? character.toLowerCase() : upper)
}

/** Changes one slash, or the `at`-th segment with what stands around it. */
function atSlash(text: string, at: number, replacement: string): string {
  const slashes = Array.from(text.matchAll(/\//g), ({ index }) => index)
  const index = slashes[at % Math.max(slashes.length, 1)]
  return index === undefined ? text : splice(text, index, 1, replacement)
}

/** Such as leave most targets with a meaning; they come twice as often. */
const MILD: readonly Trick[] = [
  escapeOne,
  (text, at) => escapeOne(escapeOne(text, at), at * 7 + 3),
  (text) => text.replace('/', '%2f'),
  (text, at) => atSlash(text, at, chosen(['//', '/./', '/%2e/', '///', '/.//'], at >> 4)),
  (text, at) => text + chosen(['?x', '?', '?x=%2e%2e/', '??', '?;'], at),
  (text) => text.replaceAll('+', '%2b').replaceAll('~', '%7E').replaceAll(':', '%3A'),
]

const WILD: readonly Trick[] = [
  flipCase,
  (text, at) => atSlash(text, at, `/${chosen(SEGMENTS, at >> 4)}/`),
  (text, at) => atSlash(text, at, chosen(SLASHES, at >> 4)),
  (text, at) => text + chosen(ENDS, at),
  (text, at) => text + chosen(ENDS_ESCAPED, at),
  (text, at) => splice(text, at >> 5, at % 2, chosen(CHARACTERS, at)),
  (text, at) => splice(text, at >> 5, 1, ''),
  (text, at) => `${chosen(SEGMENTS, at)}/${text}`,
  (text, at) => `${text}/${chosen(SEGMENTS, at)}`,
  (text) => text.replaceAll('%', '%25'),
  (text) => decodeOnce(text),
  (text, at) => `${text}/../${chosen(OUTSIDE, at)}`,
]
const TRICKS = [...MILD, ...MILD, ...WILD]

function decodeOnce(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

/** As an honest client would write a path; `raw` leaves UTF-8 bytes as they are. */
function write(path: string, raw: boolean): string {
  if (raw)
    return Buffer.from(path.replaceAll(/[ ;#?\\]/g, (one) => encodeURIComponent(one))).toString('latin1')
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment).replaceAll('%40', '@'))
    .join('/')
}

const ENTRANCES = ['/ptkExample01/acme/', '/basic/acme/', '/t/ptkExample01/acme/', '/public/acme/']
const BEFORE_TARGETS: readonly Trick[] = [
  (text) => `http://gate.test${text}`,
  (text) => `http://evil.test${text}`,
  (text) => `/${text}`,
  (text, at) => splice(text, at % 20, at % 2, chosen(CHARACTERS, at)),
  (text, at) => escapeOne(text, at % 20),
  (text, at) => text.replace('/acme/', `/acme/${chosen(SEGMENTS, at)}/`),
]

/** Requests for the files of all repositories, honest ones and such as try to be read in two ways. */
export function hostileRequests(): fc.Arbitrary<HostileRequest> {
  const trick = fc.tuple(fc.nat(TRICKS.length - 1), fc.nat(1 << 16))
  return fc
    .record({
      repo: fc.constantFrom(...FORMATS),
      file: fc.nat(1 << 10),
      entrance: fc.nat(ENTRANCES.length - 1),
      tricks: fc.array(trick, { maxLength: 3 }),
      style: fc.nat(63),
      before: fc.nat(1 << 16),
    })
    .map(({ repo, file, entrance, tricks, style, before }) => {
      const paths = style % 8 === 0 ? OUTSIDE : (FILES.get(repo) ?? [])
      const honest = write(chosen(paths, file), style % 4 === 1)
      const path = tricks.reduce((text, [which, at]) => TRICKS[which]?.(text, at) ?? text, honest)
      const nested = repo === 'npm' && style % 16 === 2 ? 'ptkOld/acme/npm/' : ''
      const isMapped = style % 16 === 3
      const prefix = isMapped ? '/basic/' : `${ENTRANCES[entrance] ?? ''}${repo}/`
      const target = prefix + nested + path
      const spoil = style % 16 === 4 ? BEFORE_TARGETS[before % BEFORE_TARGETS.length] : undefined
      return { target: spoil?.(target, before >> 3) ?? target, host: isMapped ? `${repo}.test` : 'gate.test' }
    })
}
