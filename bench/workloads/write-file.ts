import { randomBytes } from 'node:crypto'
import { link, mkdir, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Whole seconds, so that HTTP can say it. */
const CHANGED_AT = new Date('2026-03-01T12:00:00Z')

/** ASCII, because the load generator keeps bodies as text. */
export function makeBody(bytes: number): Buffer {
  return Buffer.from(randomBytes(bytes).toString('base64').slice(0, bytes), 'latin1')
}

/** Writes `body` under all of `paths` below `root`. The names are links to one file: the disk is not what is measured. */
export async function writeLinked(
  root: string,
  [first = '', ...others]: readonly string[],
  body: Buffer,
): Promise<void> {
  const file = join(root, first)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, body)
  await utimes(file, CHANGED_AT, CHANGED_AT)
  for (const other of others) {
    await mkdir(dirname(join(root, other)), { recursive: true })
    await link(file, join(root, other))
  }
}
