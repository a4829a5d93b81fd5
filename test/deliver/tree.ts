import { randomBytes } from 'node:crypto'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export const MODIFIED: Date = new Date('2026-03-04T05:06:07Z')
export const HELLO = 'hello, world\n'
export const BIG: Buffer = randomBytes(3 * 1024 * 1024 + 17)

/** Names that somebody has encoded wrongly before. */
export const ODD_NAMES = [
  'libfoo+bar_1.0~rc1+dfsg-1_amd64.deb',
  'epoch:1.0.txt',
  'a b.txt',
  'grüße-例え-🎁.txt',
  '100%.txt',
  '%41.txt',
  'what?.txt',
  'sharp#1.txt',
  'semi;colon.txt',
  'q="x"&y=\'z\'.txt',
  '[brackets]{braces}|^`.txt',
  '@at/$dollar,comma!(star*).txt',
  '.hidden',
  '..dots..',
  'trailing.',
  'C:drive.txt',
  'nul',
] as const

/** Builds the folder that every deliverer is judged on. */
export async function buildTree(root: string): Promise<void> {
  const files: Record<string, string | Buffer> = {
    'hello.txt': HELLO,
    'empty.bin': '',
    'big.bin': BIG,
    'deep/er/file.txt': 'deep',
    '@acme/widget/index.json': '{"name":"@acme/widget"}',
    ...Object.fromEntries(ODD_NAMES.map((name) => [`odd/${name}`, `content of ${name}`])),
  }
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
    await utimes(file, MODIFIED, MODIFIED)
  }
}
