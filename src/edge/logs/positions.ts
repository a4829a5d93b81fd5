import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, sep } from 'node:path'

/** How far a file was read. It is known by what it is, not by its name, which rotation changes. */
export interface Position {
  readonly device: number
  readonly inode: number
  /** Bytes. */
  readonly offset: number
}

/** Remembers across restarts how far files were read. */
export interface Positions {
  readonly get: (path: string) => Position | undefined
  /** Resolves when it is on disk. */
  readonly set: (path: string, position: Position) => Promise<void>
  /** The same for files below a folder, of which no others are remembered any more. */
  readonly setAll: (folder: string, all: ReadonlyMap<string, Position>) => Promise<void>
}

/** Reads what `file` remembers. What can't be read is as good as nothing: then lines are read once more, which changes nothing. */
export async function openPositions(file: string): Promise<Positions> {
  const known = new Map(Object.entries(await read(file)))
  let writing = Promise.resolve()
  const write = async (): Promise<void> => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(known)), { mode: 0o600 })
    await rename(`${file}.new`, file)
  }
  const save = (): Promise<void> => {
    writing = writing.catch(() => undefined).then(write)
    return writing
  }
  return {
    get: (path) => known.get(path),
    set: (path, position) => {
      known.set(path, position)
      return save()
    },
    setAll: (folder, all) => {
      for (const path of known.keys()) if (path.startsWith(folder + sep)) known.delete(path)
      for (const [path, position] of all) known.set(path, position)
      return save()
    },
  }
}

async function read(file: string): Promise<Record<string, Position>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, Position>
  } catch {
    return {}
  }
}
