import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const FILES: Readonly<Record<string, string>> = {
  'tools/hello-1.0.txt': 'Hello from Postern, release 1.0.\n',
  'tools/hello-2.0.txt': 'Hello from Postern, release 2.0.\n',
  'internal/roadmap.txt': 'Release 3.0 says goodbye. The demo token does not cover this file.\n',
}

const FREE: Readonly<Record<string, string>> = {
  'welcome.txt': 'Everybody may read this: the repository acme/free is public.\n',
}

/** Writes the plain files of the demo, the ones behind a token with their checksums beside them. */
export async function buildDemoFiles(files: string, free: string): Promise<void> {
  for (const [path, text] of Object.entries(FILES)) {
    await write(join(files, path), text)
    await write(join(files, `${path}.sha256`), checksumLine(path, text))
  }
  for (const [path, text] of Object.entries(FREE)) await write(join(free, path), text)
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

/** As `sha256sum -c` reads it. */
function checksumLine(path: string, text: string): string {
  const digest = createHash('sha256').update(text).digest('hex')
  return `${digest}  ${path.slice(path.lastIndexOf('/') + 1)}\n`
}
