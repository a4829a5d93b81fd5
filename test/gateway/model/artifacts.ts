import { randomBytes } from 'node:crypto'

/** A file of the model's storage. It exists as soon as somebody asks for it: its path says what it is. */
export interface Artifact {
  /** Below the repository, canonical. */
  readonly path: string
  readonly size: number
  /** The storage tells its length. */
  readonly isTold: boolean
  /** It costs a download. */
  readonly isPackage: boolean
}

/** Where files lie: those in `popular` may be kept in memory, of those in `untold` the length is not told. */
const FORM = /^(popular|fresh|untold|index)\/[^/]+\/(\d+)(?:\.bin|\/SHA256SUMS)$/
const OFFSETS = 4_096
const LARGEST = 2_000_000
/** Every file is a stretch of it. */
const NOISE = randomBytes(LARGEST + OFFSETS)

export function popular(name: string, size: number): Artifact {
  return { path: `popular/${name}/${size}.bin`, size, isTold: true, isPackage: true }
}

export function fresh(name: string, size: number): Artifact {
  return { path: `fresh/${name}/${size}.bin`, size, isTold: true, isPackage: true }
}

export function untold(name: string, size: number): Artifact {
  return { path: `untold/${name}/${size}.bin`, size, isTold: false, isPackage: true }
}

export function index(name: string, size: number): Artifact {
  return { path: `index/${name}/${size}/SHA256SUMS`, size, isTold: true, isPackage: false }
}

/** The file of a decoded path; undefined: there is none. */
export function artifactAt(path: string): Artifact | undefined {
  const [, folder, digits = ''] = FORM.exec(path) ?? []
  if (folder === undefined) return undefined
  return { path, size: Number(digits), isTold: folder !== 'untold', isPackage: folder !== 'index' }
}

export function contentOf({ path, size }: Artifact): Buffer {
  let offset = 0
  for (let at = 0; at < path.length; at++) offset = (offset * 31 + path.charCodeAt(at)) % OFFSETS
  return NOISE.subarray(offset, offset + size)
}

/** The only tag that a file ever has: its size is its content. */
export function tagOf({ size }: Artifact): string {
  return `"${size}"`
}
