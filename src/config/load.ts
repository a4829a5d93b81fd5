import { readFileSync } from 'node:fs'
import { parseConfig, type LoadResult } from './parse.ts'
import { bad, good, type Parsed } from './parsed.ts'
import { createPlaces } from './places.ts'
import type { Variables } from './substitute.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder; name the file in it',
  EACCES: 'this user may not read it',
}

/** Reads a configuration file. Never throws: a file that can't be read is a mistake as well. */
export function loadConfig(file: string, variables: Variables): LoadResult {
  const text = readText(file)
  if (text.ok) return parseConfig(text.value, createPlaces(file), variables)
  return { ok: false, mistakes: [{ path: '', message: text.why, line: 0, column: 0 }] }
}

function readText(file: string): Parsed<string> {
  try {
    return good(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)))
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      return bad("the file can't be read: it is not UTF-8 text")
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    return bad(`the file can't be read: ${REASONS[code] ?? code}`)
  }
}
