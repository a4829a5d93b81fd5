import { randomBytes } from 'node:crypto'
import { link, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Packages of one size in the storage. */
export interface FileSet {
  readonly name: string
  /** What every file of the set holds: ASCII, because the load generator keeps bodies as text. */
  readonly body: Buffer
  /** From the storage's root, no leading slash. Enough of them that connections rarely ask for the same one at once. */
  readonly paths: readonly string[]
  readonly connections: number
}

const SETS = [
  { name: '1 KB', bytes: 1_024, files: 256, connections: 64 },
  { name: '100 KB', bytes: 102_400, files: 128, connections: 64 },
  { name: '10 MB', bytes: 10_485_760, files: 32, connections: 16 },
] as const

/** Fills the folder `root`. The names of a set are links to one file: the disk is not what is measured. */
export function writeFiles(root: string): Promise<readonly FileSet[]> {
  return Promise.all(
    SETS.map(async ({ name, bytes, files, connections }) => {
      const body = Buffer.from(randomBytes(bytes).toString('base64').slice(0, bytes), 'latin1')
      const paths = Array.from({ length: files }, (_, index) => pathOf(bytes, index))
      await writeLinked(
        paths.map((path) => join(root, path)),
        body,
      )
      return { name, body, paths, connections }
    }),
  )
}

function pathOf(bytes: number, index: number): string {
  const name = `bench-${bytes}-${index}`
  return `pool/main/b/${name}/${name}_1.0-1_amd64.deb`
}

async function writeLinked([first = '', ...others]: readonly string[], body: Buffer): Promise<void> {
  await mkdir(dirname(first), { recursive: true })
  await writeFile(first, body)
  for (const other of others) {
    await mkdir(dirname(other), { recursive: true })
    await link(first, other)
  }
}
