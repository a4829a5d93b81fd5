import type { JsonReader } from './json-reader.ts'

/** What a document says of one version. */
export type VersionData = Readonly<Record<string, unknown>>

/** Shows the versions of one package in their order. */
export interface VersionReading {
  /** `data` as the document has it: of a minified one, what changed since the version before. Gives all that holds for the version. */
  readonly read: (data: VersionData) => VersionData
}

const UNSET = '__unset'

/** composer/metadata-minifier, `expand`. */
export function createVersionReading(isMinified: boolean): VersionReading {
  let before: VersionData = {}
  return {
    read: (data) => {
      if (!isMinified) return data
      before = withoutUnset({ ...before, ...data })
      return before
    },
  }
}

/** What to write of a minified list in which some versions are left out. */
export interface VersionWriting {
  readonly drop: (data: VersionData) => void
  /** Gives what has changed since the last version that was kept; `whole` is all that holds for this one. */
  readonly keep: (data: VersionData, whole: VersionData) => VersionData
}

export function createVersionWriting(isMinified: boolean): VersionWriting {
  /** What the versions that were left out have changed. */
  let missed: VersionData = {}
  let hasKept = false
  return {
    drop: (data) => {
      if (isMinified) missed = { ...missed, ...data }
    },
    keep: (data, whole) => {
      const written = !isMinified || hasKept ? { ...missed, ...data } : whole
      missed = {}
      hasKept = true
      return written
    },
  }
}

function withoutUnset(data: VersionData): VersionData {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== UNSET))
}

/** Reads the value that `reader` is at, and moves behind it. */
export async function readValue(reader: JsonReader, json: Buffer): Promise<unknown> {
  const start = reader.at()
  await reader.skip()
  return JSON.parse(json.toString('utf8', start, reader.at()))
}

/** Rejects (SyntaxError) what is no object. */
export async function readVersion(reader: JsonReader, json: Buffer): Promise<VersionData> {
  const value = await readValue(reader, json)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as VersionData
  throw new SyntaxError("the storage's list of versions has something in it that is no JSON object")
}
