import { createWriteStream } from 'node:fs'
import { link, lstat, rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { formatBytes } from '../text/bytes.ts'
import { counted } from '../text/counted.ts'
import type { CliContext, Screen } from './dependencies.ts'
import { refused, type CliError } from './errors.ts'

/** Passes on what comes. `note` is told of each part. */
export async function printStream(
  { write }: Screen,
  source: AsyncIterable<Uint8Array>,
  note: (part: Uint8Array) => void,
): Promise<void> {
  const decoder = new TextDecoder()
  for await (const part of source) {
    write(decoder.decode(part, { stream: true }))
    note(part)
  }
}

/**
 * Into a new file, never over what is there, that only its owner can read: it names customers. It appears when all of it has come, so that
 * nobody takes a part for the whole; what an attempt that was killed left behind is removed by the next one.
 */
export async function saveStream(
  file: string,
  source: AsyncIterable<Uint8Array>,
  note: (part: Uint8Array) => void,
): Promise<void> {
  async function* noted(): AsyncGenerator<Uint8Array> {
    for await (const part of source) {
      note(part)
      yield part
    }
  }
  const unfinished = `${file}.unfinished`
  if (await isThere(file)) throw takenName(file)
  try {
    await rm(unfinished, { force: true })
    await pipeline(noted(), createWriteStream(unfinished, { flags: 'wx', mode: 0o600 }))
    await giveName(unfinished, file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') throw takenName(file)
    if (typeof code === 'string') throw refused(`${file} can't be written (${code}).`)
    throw error
  } finally {
    await rm(unfinished, { force: true }).catch(() => undefined)
  }
}

/** Never takes the name from another file; but for file systems without hard links, which can't promise that. */
async function giveName(unfinished: string, file: string): Promise<void> {
  try {
    await link(unfinished, file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'EPERM' && code !== 'ENOTSUP') throw error
    await rename(unfinished, file)
  }
}

function takenName(file: string): CliError {
  return refused(`${file} is there already; give another name to --output.`)
}

function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  )
}

const REDRAWN_MS = 100
const LINE_BREAK = 10

/** A line on the terminal that says how far it is; without a terminal, only the end is told. */
export function createByteProgress(
  { stderr, clock }: CliContext,
  thing: string,
): {
  readonly note: (part: Uint8Array) => void
  /** `headLines`: of what came, so many lines were none of the things. */
  readonly end: (headLines: number) => void
} {
  let [bytes, lines, drawnAt] = [0, 0, -Infinity]
  const words = (records: number): string => `${counted(records, thing)}, ${formatBytes(bytes)}`
  return {
    note: (part: Uint8Array): void => {
      bytes += part.length
      for (const byte of part) lines += Number(byte === LINE_BREAK)
      if (!stderr.isTerminal || clock() - drawnAt < REDRAWN_MS) return
      drawnAt = clock()
      stderr.write(`\r${words(lines)} ...`)
    },
    end: (headLines: number): void => {
      const start = stderr.isTerminal ? '\r\u001B[K' : ''
      stderr.write(`${start}${words(Math.max(0, lines - headLines))}\n`)
    },
  }
}
