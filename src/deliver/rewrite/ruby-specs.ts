import { setImmediate as nextTurn } from 'node:timers/promises'
import { createMarshalReader, MARSHAL_HEAD, marshalCount, type MarshalReader } from './marshal.ts'

/** A gem as the old indexes name it. */
export interface GemSpec {
  readonly name: string
  readonly version: string
  /** `ruby` where it runs everywhere. */
  readonly platform: string
}

/** Read in one go; a few milliseconds. */
const SLICE_BYTES = 32 * 1024

/**
 * Writes an old index of gems (`specs.4.8`: a list of name, version and platform) anew with those that `keeps` wants.
 * Rejects what it can't read.
 */
export async function filterSpecs(index: Buffer, keeps: (spec: GemSpec) => boolean): Promise<Buffer> {
  const reader = createMarshalReader(index)
  const total = reader.array()
  const writer = createWriter()
  const slices: Buffer[] = []
  let pieces: Buffer[] = []
  let [kept, rest] = [0, SLICE_BYTES]
  for (let read = 0; read < total; read++) {
    const spec = readSpec(reader)
    if (keeps(spec)) {
      kept++
      pieces.push(writer(spec))
    }
    if (reader.at() > rest) {
      rest = reader.at() + SLICE_BYTES
      slices.push(Buffer.concat(pieces))
      pieces = []
      await nextTurn()
    }
  }
  return Buffer.concat([MARSHAL_HEAD, Buffer.from('['), marshalCount(kept), ...slices, ...pieces])
}

function readSpec(reader: MarshalReader): GemSpec {
  const length = reader.array()
  const [name, version, platform] = [reader.text(), reader.text(), reader.text()]
  if (length !== 3 || name === undefined || version === undefined)
    throw new SyntaxError("the storage's list of gems has something in it that is no gem")
  return { name, version, platform: platform ?? 'ruby' }
}

/** Symbols are written once and numbered from then on: the first is `E`, for the encoding of a text, the second the class of versions. */
function createWriter(): (spec: GemSpec) => Buffer {
  let [encoding, version] = [':\u0006E', `:${String.fromCharCode('Gem::Version'.length + 5)}Gem::Version`]
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value)
    const written = Buffer.concat([
      Buffer.from('I"'),
      marshalCount(bytes.length),
      bytes,
      Buffer.from(`\u0006${encoding}T`),
    ])
    encoding = ';\u0000'
    return written
  }
  return (spec) => {
    const name = text(spec.name)
    const versionClass = Buffer.from(`U${version}[\u0006`)
    version = ';\u0006'
    return Buffer.concat([
      Buffer.from('[\u0008'),
      name,
      versionClass,
      text(spec.version),
      text(spec.platform),
    ])
  }
}
