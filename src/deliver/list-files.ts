import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A file of a storage. */
interface ListedFile {
  /** Below the repository, without a leading slash. */
  readonly path: string
  /** When it was last changed, epoch ms. */
  readonly modifiedAt: number
}

export interface FileListing {
  readonly files: readonly ListedFile[]
  /** False: there are more, which were not looked at. */
  readonly isWhole: boolean
}

/** Names what a storage has; undefined: that can't be told at the moment. What it says may be some seconds old. */
export type ListFiles = () => Promise<FileListing | undefined>

interface ListOptions {
  /** Absolute path of the folder that is the repository. */
  readonly directory: string
  readonly mostFiles: number
  /** How long a listing is good for. */
  readonly keepMs: number
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
}

/** Entries of a folder that are looked at together. */
const AT_ONCE = 64

/**
 * Lists the regular files of a folder, at most `mostFiles` of them; links are passed over. However many ask at once, the folder is walked
 * once.
 */
export function createFileList({ directory, mostFiles, keepMs, monotonic }: ListOptions): ListFiles {
  let last: { readonly at: number; readonly listing: Promise<FileListing | undefined> } | undefined
  return () => {
    if (last === undefined || monotonic() - last.at > keepMs) {
      last = { at: monotonic(), listing: walk(directory, mostFiles).catch(() => undefined) }
    }
    return last.listing
  }
}

async function walk(directory: string, mostFiles: number): Promise<FileListing> {
  const files: ListedFile[] = []
  const folders = ['']
  let [looked, isWhole] = [0, true]
  for (let folder = folders.shift(); folder !== undefined && isWhole; folder = folders.shift()) {
    const found: string[] = []
    for await (const entry of await opendir(join(directory, folder), { bufferSize: AT_ONCE })) {
      isWhole = ++looked <= mostFiles
      if (!isWhole) break
      if (entry.isDirectory()) folders.push(`${folder}${entry.name}/`)
      else if (entry.isFile()) found.push(`${folder}${entry.name}`)
    }
    files.push(...(await date(directory, found)))
  }
  return { files, isWhole }
}

/** With when they were changed; without those that are gone meanwhile. */
async function date(directory: string, paths: readonly string[]): Promise<ListedFile[]> {
  const dated: ListedFile[] = []
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const some = paths.slice(at, at + AT_ONCE).map(async (path) => {
      const stats = await stat(join(directory, path)).catch(() => undefined)
      return stats === undefined ? [] : [{ path, modifiedAt: Math.floor(stats.mtimeMs / 1000) * 1000 }]
    })
    dated.push(...(await Promise.all(some)).flat())
  }
  return dated
}
