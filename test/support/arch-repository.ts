import { createHash } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrFail } from './processes.ts'

const PACKAGES = [
  { name: 'hello-postern', version: '1:2.0-1', depends: ['hello-libs'] },
  { name: 'hello-libs', version: '2.0-1', depends: [] },
  { name: 'plain-demo', version: '1.0-1', depends: [] },
] as const

type Package = (typeof PACKAGES)[number]

/** Builds a pacman repository in `directory`/arch with its database, `acme.db`. Every package installs `/usr/share/NAME/version`. */
export async function buildArchRepository(directory: string): Promise<void> {
  const [root, build] = [join(directory, 'arch'), join(directory, 'arch-build')]
  await mkdir(root, { recursive: true })
  const entries = await Promise.all(PACKAGES.map((each) => buildPackage(each, root, build)))
  await runOrFail('tar', ['-czf', join(root, 'acme.db'), '-C', join(build, 'db'), ...entries])
}

/** Gives the name of its folder in the database. */
async function buildPackage(one: Package, root: string, build: string): Promise<string> {
  const { name, version, depends } = one
  const [files, entry] = [join(build, name), `${name}-${version}`]
  const shared = join(files, 'usr/share', name)
  await Promise.all([shared, join(build, 'db', entry)].map((each) => mkdir(each, { recursive: true })))
  await writeFile(join(shared, 'version'), `${version}\n`)
  await writeFile(join(files, '.PKGINFO'), describe(one))
  const filename = `${entry}-any.pkg.tar.gz`
  const file = join(root, filename)
  await runOrFail('tar', [
    '--owner=0',
    '--group=0',
    '--force-local',
    '-czf',
    file,
    '-C',
    files,
    '.PKGINFO',
    'usr',
  ])
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
  const fields = {
    FILENAME: [filename],
    NAME: [name],
    VERSION: [version],
    CSIZE: [String((await stat(file)).size)],
    ISIZE: ['8'],
    SHA256SUM: [digest],
    ARCH: ['any'],
    DEPENDS: depends,
  }
  const lines = Object.entries(fields).map(([key, values]) => `%${key}%\n${values.join('\n')}\n`)
  await writeFile(join(build, 'db', entry, 'desc'), lines.join('\n'))
  return entry
}

function describe({ name, version, depends }: Package): string {
  const fields = [
    `pkgname = ${name}`,
    `pkgver = ${version}`,
    'size = 8',
    'arch = any',
    'builddate = 1767225600',
  ]
  return [...fields, ...depends.map((each) => `depend = ${each}`), ''].join('\n')
}
