import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from '../support/processes.ts'

export interface Folder extends AsyncDisposable {
  readonly path: (name: string) => string
  /** Gives the path of the file that was written. */
  readonly put: (name: string, content: string | Uint8Array) => Promise<string>
}

/** A folder for the files of a test. */
export async function newFolder(): Promise<Folder> {
  const { path, remove } = await temporaryDirectory('cli')
  const at = (name: string): string => join(path, name)
  return {
    path: at,
    put: async (name, content) => {
      await writeFile(at(name), content)
      return at(name)
    },
    [Symbol.asyncDispose]: remove,
  }
}
