import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { gzipSync } from 'node:zlib'

/** A file of the console as it is sent. */
export interface ConsoleFile {
  readonly type: string
  readonly bytes: Buffer
  readonly gzipped: Buffer
}

/** By path below the console, like `index.html`. Empty: the console was not built. */
export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Reads the built console, which has a dozen small files, into memory. What is of no known type is left out. */
export function readConsoleFiles(folder: string): ConsoleFiles {
  const names = readNames(folder).filter((name) => TYPES[extname(name)] !== undefined)
  return new Map(
    names.map((name) => {
      const bytes = readFileSync(join(folder, name))
      const type = TYPES[extname(name)] ?? ''
      return [name.replaceAll(sep, '/'), { type, bytes, gzipped: gzipSync(bytes) }]
    }),
  )
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
