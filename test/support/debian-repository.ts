import { createHash } from 'node:crypto'
import { link, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { runOrFail } from './processes.ts'
import { createSigningKey, type SigningKey } from './signing-key.ts'

/** One package of a test repository. */
interface DebianPackage {
  readonly name: string
  /** With its epoch, if it has one; the file name leaves it out. */
  readonly version: string
  readonly depends?: readonly string[]
  /** Of ballast. */
  readonly bytes?: number
}

/** How many packages `bulk-postern` brings with it: more than apt keeps under way on one connection. */
export const BULK_PACKAGES = 12

const BULK = Array.from({ length: BULK_PACKAGES }, (_, i) => `bulk-postern-${i + 1}`)

/** More than the kernel takes off a server's hands when the client has stopped reading. */
const LARGE_BYTES = 16_000_000

/** `2.0~rc1+dfsg-1` is newer than `1.0-1`, but `2.0-1` would be newer still. */
const PACKAGES: readonly DebianPackage[] = [
  { name: 'hello-postern', version: '1.0-1' },
  { name: 'hello-postern', version: '2.0~rc1+dfsg-1' },
  { name: 'lib++-demo', version: '1:1.5~rc1+git-1' },
  { name: 'plain-demo', version: '1.0' },
  { name: 'large-demo', version: '1.0', bytes: LARGE_BYTES },
  { name: 'bulk-postern', version: '1.0', depends: BULK },
  ...BULK.map((name) => ({ name, version: '1.0' })),
]

const compress = promisify(gzip)

/**
 * Builds two signed repositories of the same packages below `directory`: `debian/` with the suite `stable`, a pool and indexes
 * by hash, and `flat/` without any of these. Both hold the public key as `key.asc`. Every package installs
 * `/usr/share/NAME/version`; `large-demo` has 16 MB.
 */
export async function buildDebianRepositories(directory: string): Promise<void> {
  await using key = await createSigningKey()
  const suites = join(directory, 'debian')
  const flat = join(directory, 'flat')
  await Promise.all(PACKAGES.map((each) => buildPackage(each, directory)))
  await mkdir(join(flat, 'pool'), { recursive: true })
  await Promise.all([publishSuite(suites, key), publishFlat(flat, suites, key)])
}

/** Path of a package's file in the suite `stable`. */
function debianPoolPath(name: string, version: string): string {
  const initial = name.startsWith('lib') ? name.slice(0, 4) : name.charAt(0)
  return `pool/main/${initial}/${name}/${debianFile(name, version)}`
}

function debianFile(name: string, version: string): string {
  return `${name}_${version.replace(/^\d+:/, '')}_all.deb`
}

async function buildPackage(each: DebianPackage, directory: string): Promise<void> {
  const { name, version, depends, bytes = 0 } = each
  const tree = join(directory, 'build', `${name}_${version}`)
  await mkdir(join(tree, 'DEBIAN'), { recursive: true })
  await mkdir(join(tree, 'usr/share', name), { recursive: true })
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: Postern test <test@example.invalid>',
    ...(depends === undefined ? [] : [`Depends: ${depends.join(', ')}`]),
    'Description: test package',
    '',
  ]
  await writeFile(join(tree, 'DEBIAN/control'), control.join('\n'))
  await writeFile(join(tree, 'usr/share', name, 'version'), `${version}\n`)
  if (bytes > 0) await writeFile(join(tree, 'usr/share', name, 'ballast'), Buffer.alloc(bytes))
  const file = join(directory, 'debian', debianPoolPath(name, version))
  await mkdir(dirname(file), { recursive: true })
  await runOrFail('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, file])
}

async function publishSuite(root: string, key: SigningKey): Promise<void> {
  const architecture = (await runOrFail('dpkg', ['--print-architecture'])).trim()
  const suite = join(root, 'dists/stable')
  const index = `main/binary-${architecture}`
  await mkdir(join(suite, index), { recursive: true })
  await writeIndexes(
    join(suite, index),
    await runOrFail('apt-ftparchive', ['packages', 'pool'], { cwd: root }),
  )
  const fields = { Suite: 'stable', Codename: 'stable', Components: 'main', Architectures: architecture }
  await writeRelease(suite, { ...fields, 'Acquire-By-Hash': 'yes' }, key)
  await linkByHash(join(suite, index))
  await key.exportTo(join(root, 'key.asc'))
}

/** Everything in one folder: apt asks for `./Release` and `./NAME.deb` there. */
async function publishFlat(root: string, suites: string, key: SigningKey): Promise<void> {
  for (const { name, version } of PACKAGES) {
    await link(join(suites, debianPoolPath(name, version)), join(root, debianFile(name, version)))
  }
  await writeIndexes(root, await runOrFail('apt-ftparchive', ['packages', '.'], { cwd: root }))
  await writeRelease(root, { Suite: 'flat' }, key)
  await key.exportTo(join(root, 'key.asc'))
}

async function writeIndexes(folder: string, packages: string): Promise<void> {
  await writeFile(join(folder, 'Packages'), packages)
  await writeFile(join(folder, 'Packages.gz'), await compress(packages))
}

async function writeRelease(folder: string, fields: Record<string, string>, key: SigningKey): Promise<void> {
  const options = Object.entries(fields).flatMap(([name, value]) => [
    '-o',
    `APT::FTPArchive::Release::${name}=${value}`,
  ])
  const release = await runOrFail('apt-ftparchive', [...options, 'release', '.'], { cwd: folder })
  const unfinished = join(dirname(folder), `Release.${process.pid}`)
  await writeFile(unfinished, release)
  await rename(unfinished, join(folder, 'Release'))
  await key.clearSign(join(folder, 'Release'), join(folder, 'InRelease'))
  await key.detachSign(join(folder, 'Release'), join(folder, 'Release.gpg'))
}

/** apt asks for the strongest hash first and takes what it finds: the others are here as on a real mirror. */
async function linkByHash(folder: string): Promise<void> {
  const algorithms = { MD5Sum: 'md5', SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' }
  for (const [name, algorithm] of Object.entries(algorithms)) {
    await mkdir(join(folder, 'by-hash', name), { recursive: true })
    for (const index of ['Packages', 'Packages.gz']) {
      const digest = createHash(algorithm)
        .update(await readFile(join(folder, index)))
        .digest('hex')
      await link(join(folder, index), join(folder, 'by-hash', name, digest))
    }
  }
}
