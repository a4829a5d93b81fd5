import { createCipheriv, createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buildArchRepository } from './arch-repository.ts'
import { buildComposerRepository } from './composer-repository.ts'
import { buildCargoRepository } from './cargo-repository.ts'
import { buildCondaRepository } from './conda-repository.ts'
import { buildDebianRepositories } from './debian-repository.ts'
import { buildGoRepository } from './go-repository.ts'
import { buildLuaRocksRepository } from './luarocks-repository.ts'
import { buildMavenRepository } from './maven-repository.ts'
import { startNginx, type Nginx } from './nginx.ts'
import { buildNpmRepository } from './npm-repository.ts'
import { temporaryDirectory } from './processes.ts'
import { buildPythonRepository } from './python-repository.ts'
import { buildRpmRepository } from './rpm-repository.ts'
import { startWiretap } from './wiretap.ts'

/** Bytes of each file of the raw repository. */
const RAW_FILES: Readonly<Record<string, number>> = {
  'empty.bin': 0,
  'small.bin': 1_024,
  'tool/1.0/tool-1.0.bin': 300_000,
  'tool/2.0/tool 2.0+ü.bin': 70_000,
  'large.bin': 16_000_000,
}

/** A storage as a vendor has it: real repositories behind a real nginx. */
export interface Storage extends AsyncDisposable {
  /** The folder that nginx serves; the repositories lie in `debian`, `flat`, `rpm`, `npm`, `python` … below it. */
  readonly root: string
  /** Where the gate is to fetch, no trailing slash. npm's documents name their tarballs here. */
  readonly url: string
  /** Every byte that reached `url`. */
  readonly heard: () => string
  /** nginx itself, with its access log. */
  readonly nginx: Nginx
}

export type RepositoryKind =
  | 'deb'
  | 'rpm'
  | 'npm'
  | 'raw'
  | 'python'
  | 'maven'
  | 'go'
  | 'composer'
  | 'cargo'
  | 'conda'
  | 'arch'
  | 'luarocks'

/** Builds the repositories of these kinds and serves them at `/debian/` and `/flat/`, and the others at their own names: `/rpm/`. */
export async function startStorage(...kinds: readonly RepositoryKind[]): Promise<Storage> {
  const directory = await temporaryDirectory('storage')
  const root = directory.path
  const nginx = await startNginx({ root })
  const wiretap = await startWiretap(nginx.port)
  const { url, heard } = wiretap
  const dispose = async (): Promise<void> => {
    await wiretap.stop()
    await nginx.stop()
    await directory.remove()
  }
  try {
    await Promise.all(kinds.map((kind) => BUILDERS[kind](root, url)))
    return { root, url, heard, nginx, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

const BUILDERS: Readonly<Record<RepositoryKind, (root: string, url: string) => Promise<void>>> = {
  deb: buildDebianRepositories,
  rpm: buildRpmRepository,
  npm: (root, url) => buildNpmRepository(root, `${url}/npm`),
  raw: buildRawRepository,
  python: (root, url) => buildPythonRepository(root, `${url}/python`),
  luarocks: buildLuaRocksRepository,
  maven: buildMavenRepository,
  go: buildGoRepository,
  arch: buildArchRepository,
  composer: (root, url) => buildComposerRepository(root, `${url}/composer`),
  conda: buildCondaRepository,
  cargo: (root, url) => buildCargoRepository(root, `${url}/cargo`),
}

async function buildRawRepository(directory: string): Promise<void> {
  for (const path of Object.keys(RAW_FILES)) {
    const file = join(directory, 'raw', path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, rawContent(path))
  }
}

/** What a raw file holds: noise without repetition, another for every file, the same in every run. */
export function rawContent(path: string): Buffer {
  const key = createHash('sha256').update(path).digest()
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  return cipher.update(Buffer.alloc(RAW_FILES[path] ?? 0))
}
