import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { runOrFail } from '../processes.ts'

const FILES: Readonly<Record<string, string>> = {
  'tools/hello-1.0.txt': 'Hello from Postern, release 1.0.\n',
  'tools/hello-2.0.txt': 'Hello from Postern, release 2.0.\n',
  'internal/roadmap.txt': 'Release 3.0 says goodbye. The demo token does not cover this file.\n',
}

const FREE: Readonly<Record<string, string>> = {
  'welcome.txt': 'Everybody may read this: the repository acme/free is public.\n',
}

/** The file that set-up lines name as an example, and what is in it. */
const ARCHIVE = 'tool-1.0.tar.gz'
const ARCHIVED = 'tools/hello-1.0.txt'

/** Writes the plain files of the demo, the ones behind a token with their checksums beside them. `epoch`: seconds, of the archive. */
export async function buildDemoFiles(files: string, free: string, epoch: number): Promise<void> {
  for (const [path, text] of Object.entries(FILES)) {
    await write(join(files, path), text)
    await write(join(files, `${path}.sha256`), checksumLine(path, text))
  }
  const archive = await packed(files, epoch)
  await write(join(files, ARCHIVE), archive)
  await write(join(files, `${ARCHIVE}.sha256`), checksumLine(ARCHIVE, archive))
  for (const [path, text] of Object.entries(FREE)) await write(join(free, path), text)
}

async function packed(files: string, epoch: number): Promise<Buffer> {
  const same = ['--owner=0', '--group=0', '--numeric-owner', '--mode=0644', `--mtime=@${epoch}`]
  const tar = join(files, 'archive.tar')
  await runOrFail('tar', ['-C', files, ...same, '-cf', tar, ARCHIVED])
  const zipped = gzipSync(await readFile(tar))
  await rm(tar)
  return zipped
}

async function write(file: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

/** As `sha256sum -c` reads it. */
function checksumLine(path: string, content: string | Buffer): string {
  const digest = createHash('sha256').update(content).digest('hex')
  return `${digest}  ${path.slice(path.lastIndexOf('/') + 1)}\n`
}
