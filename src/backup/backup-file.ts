import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdtemp, open, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BackupError } from './format.ts'

/**
 * Writes a file that appears under its name when it is whole and on the disk, readable by its owner only. What fails leaves nothing behind,
 * and what was under the name as it was. `unique` makes the name of what is not whole yet.
 */
export async function writeWhole<Result>(
  file: string,
  unique: string,
  write: (sink: WriteStream) => Promise<Result>,
): Promise<Result> {
  const unfinished = `${file}.${unique}.unfinished`
  if ((await stat(file).catch(() => undefined))?.isDirectory() === true) {
    throw new BackupError('unusable', `${file} is a folder; name a file in it.`)
  }
  try {
    const sink = createWriteStream(unfinished, { flags: 'wx', mode: 0o600, flush: true })
    const result = await write(sink)
    await rename(unfinished, file)
    await syncFolder(dirname(file))
    return result
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

/** So that the name outlives a loss of power, too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** What comes through a stream, as a file for as long as `use` takes: a backup is read twice. */
export async function asFile<Result>(
  stream: Readable,
  use: (file: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-restore-'))
  try {
    const file = join(folder, 'backup')
    await pipeline(stream, createWriteStream(file, { flags: 'wx', mode: 0o600 }))
    return await use(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
