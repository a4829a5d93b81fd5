import { createHash } from 'node:crypto'

/**
 * Looks whether a file is a public key and nothing else, so that no private one is ever handed out by mistake. Gives the ids of the keys in
 * it (16 hexadecimal digits in upper case; none for RSA keys of apk, which have names only); undefined: it is something else.
 */
export function readPublicKey(
  content: Buffer,
): { readonly ids: readonly string[]; readonly isText: boolean } | undefined {
  const text = content.toString('latin1')
  if (/PRIVATE KEY/.test(text)) return undefined
  if (/^\s*-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(text)) return { ids: [], isText: true }
  const isText = text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')
  const ids = openPgpIds(isText ? dearmor(text) : content)
  return ids.length === 0 ? undefined : { ids, isText }
}

const BEGIN = '-----BEGIN PGP PUBLIC KEY BLOCK-----'
const HEADERS = /^\r?\n(?:[!-9;-~]+: .*\r?\n)*\r?\n/

/**
 * All blocks of radix-64, without headers and checksums (RFC 9580 §6.2). Each is looked for up to where the next one begins, so that many that
 * do not end take no longer than one.
 */
function dearmor(text: string): Buffer {
  const blocks = text.split(BEGIN).slice(1).map(bodyOf)
  return Buffer.concat(blocks.map((radix64) => Buffer.from(radix64, 'base64')))
}

/** Empty for a block that has no headers, or does not end. */
function bodyOf(block: string): string {
  const end = block.indexOf('\n-----END')
  const start = HEADERS.exec(block)?.[0].length ?? Infinity
  const lines = block.slice(start, Math.max(0, end)).split('\n')
  return lines.filter((line) => !line.startsWith('=')).join('\n')
}

const PUBLIC_KEY = 6
const SECRET_KEYS: ReadonlySet<number> = new Set([5, 7])

/** Ids of the primary keys (RFC 9580 §5.5.4); none when a secret key is among the packets, or bytes that are no packet. */
function openPgpIds(bytes: Buffer): string[] {
  const ids: string[] = []
  for (let at = 0; at < bytes.length;) {
    const packet = readPacket(bytes, at)
    if (packet === undefined || SECRET_KEYS.has(packet.tag)) return []
    if (packet.tag === PUBLIC_KEY) ids.push(keyId(packet.body))
    at = packet.end
  }
  return ids
}

interface Packet {
  readonly tag: number
  readonly body: Buffer
  readonly end: number
}

/** RFC 9580 §4.2, both forms of the header; keys have no packet of unknown length. */
function readPacket(bytes: Buffer, at: number): Packet | undefined {
  const first = bytes[at] ?? 0
  if ((first & 0x80) === 0) return undefined
  const isNew = (first & 0x40) !== 0
  const tag = isNew ? first & 0x3f : (first >> 2) & 0x0f
  const length = isNew ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, first & 3)
  if (length === undefined) return undefined
  const end = length.start + length.bytes
  return end > bytes.length ? undefined : { tag, body: bytes.subarray(length.start, end), end }
}

interface Length {
  readonly start: number
  readonly bytes: number
}

function newLength(bytes: Buffer, at: number): Length | undefined {
  const first = bytes[at] ?? 0
  if (first < 192) return { start: at + 1, bytes: first }
  if (first < 224) return { start: at + 2, bytes: ((first - 192) << 8) + (bytes[at + 1] ?? 0) + 192 }
  return first === 255 && at + 5 <= bytes.length
    ? { start: at + 5, bytes: bytes.readUInt32BE(at + 1) }
    : undefined
}

function oldLength(bytes: Buffer, at: number, kind: number): Length | undefined {
  const octets = kind < 3 ? 1 << kind : 0
  if (octets === 0 || at + octets > bytes.length) return undefined
  return { start: at + octets, bytes: bytes.readUIntBE(at, octets) }
}

function keyId(body: Buffer): string {
  const isSix = body[0] === 6
  const head = Buffer.alloc(isSix ? 5 : 3)
  head[0] = isSix ? 0x9b : 0x99
  if (isSix) head.writeUInt32BE(body.length, 1)
  else head.writeUInt16BE(body.length, 1)
  const print = createHash(isSix ? 'sha256' : 'sha1')
    .update(head)
    .update(body)
    .digest('hex')
    .toUpperCase()
  return isSix ? print.slice(0, 16) : print.slice(-16)
}
