import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib'

type Decoder = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const gunzipAsync: Decoder = promisify(gunzip)
const inflateAsync: Decoder = promisify(inflate)
const inflateRawAsync: Decoder = promisify(inflateRaw)

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['', (body: Buffer) => Promise.resolve(body)],
  ['identity', (body: Buffer) => Promise.resolve(body)],
  ['gzip', gunzipAsync],
  ['x-gzip', gunzipAsync],
  ['br', promisify(brotliDecompress) as Decoder],
  ['zstd', promisify(zstdDecompress) as Decoder],
  // RFC 9110 §8.4.1.2: meant is zlib's format, but some send the bare stream. Zlib's has 8 in its first half byte.
  ['deflate', (body, options) => (isZlib(body) ? inflateAsync : inflateRawAsync)(body, options)],
])

/**
 * Undoes a Content-Encoding, off the event loop. Rejects for one that is unknown or was applied on top of another, for broken data, and
 * when more than `limitBytes` come out.
 */
export async function decode(
  body: Buffer,
  encoding: string | undefined,
  limitBytes: number,
): Promise<Buffer> {
  const decoder = DECODERS.get((encoding ?? '').trim().toLowerCase())
  if (decoder === undefined) throw new Error(`the storage sent the content encoding "${encoding}"`)
  return await decoder(body, { maxOutputLength: limitBytes })
}

function isZlib(body: Buffer): boolean {
  return ((body[0] ?? 0) & 0x0f) === 8
}
