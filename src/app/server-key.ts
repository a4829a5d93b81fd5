import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * The key that protects the secrets of a store, from a file that is made where it is missing. Of several processes that start at
 * once one makes it and all read it: the file appears whole or not at all.
 * @throws Error when the file can't be made or read, or is too short to be a key.
 */
export function readServerKey(file: string, randomText: () => string, unique: string): string {
  const key = readKey(file) ?? makeKey(file, randomText(), unique)
  if (key.length < 32) throw new Error(`The key in ${file} is too short; was the file cut off?`)
  return key
}

/** The key in a file; undefined: there is no such file. */
export function readKey(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new Error(`The key of the store can't be read from ${file}: ${codeOf(error)}`, { cause: error })
  }
}

function makeKey(file: string, key: string, unique: string): string {
  const unfinished = `${file}.${unique}`
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(unfinished, `${key}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(unfinished, file)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    unlinkSync(unfinished)
  }
  return readKey(file) ?? key
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
