import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { BackupError } from './format.ts'

/** Longer ones are not ours, and would not fit into a text. */
const LONGEST_LINE = 400 * 1024 * 1024
const NEWLINE = 0x0a

/** Lines of a compressed file, with their newlines. @throws BackupError `damaged` or `unusable`. */
export async function* readLines(file: string): AsyncGenerator<Buffer, void, void> {
  const unzipped = pipeline(createReadStream(file), createGunzip(), () => undefined)
  let begun: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of unzipped as AsyncIterable<Buffer>) {
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        yield Buffer.concat([...begun, chunk.subarray(from, at + 1)])
        begun = []
        length = 0
        from = at + 1
      }
      begun.push(chunk.subarray(from))
      length += chunk.length - from
      if (length > LONGEST_LINE) throw new BackupError('damaged', 'It has a line that is far too long.')
    }
  } catch (error) {
    throw asBackupError(error)
  }
  if (length > 0) throw cutOff()
}

/** The end is missing. */
export function cutOff(): BackupError {
  return new BackupError('damaged', 'It is cut off: the end is missing. Take another backup.')
}

function asBackupError(error: unknown): BackupError {
  if (error instanceof BackupError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = error instanceof Error ? error.message : String(error)
  if (code === 'Z_BUF_ERROR') return cutOff()
  if (code.startsWith('Z_')) {
    return new BackupError('damaged', `It is damaged, or no backup of Postern (${reason}).`, { cause: error })
  }
  return new BackupError('unusable', `It can't be read: ${reason}.`, { cause: error })
}
