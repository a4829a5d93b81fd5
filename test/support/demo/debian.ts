import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { cleanEnvironment, runOrFail, temporaryDirectory } from '../processes.ts'
import { createSigningKey } from '../signing-key.ts'

const NAME = 'postern-hello'
const VERSIONS = ['1.0', '1.1']
const POOL = `pool/main/p/${NAME}`
const ARCHITECTURES = ['all', 'amd64', 'arm64']

/**
 * Builds an apt repository with the suite `stable` and the component `main`: one small package in two versions that installs
 * `/usr/share/postern-hello/hello.txt`, indexes also by hash, `InRelease` signed by a key of which only `key.asc` remains.
 * Everything is dated `epoch` (seconds).
 */
export async function buildDemoDebian(directory: string, epoch: number): Promise<void> {
  await using work = await temporaryDirectory('demo-deb')
  await mkdir(join(directory, POOL), { recursive: true })
  for (const version of VERSIONS) await buildPackage(work.path, directory, version, epoch)
  for (const architecture of ARCHITECTURES) await writeIndex(directory, architecture)
  await writeRelease(directory, epoch)
}

async function buildPackage(work: string, directory: string, version: string, epoch: number): Promise<void> {
  const tree = join(work, version)
  const control = [
    `Package: ${NAME}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: Postern demo <demo@example.invalid>',
    'Section: misc',
    'Priority: optional',
    'Description: says hello',
    ' A sample package of Postern. It installs one text file.',
    '',
  ]
  await write(tree, 'DEBIAN/control', control.join('\n'))
  await write(tree, `usr/share/${NAME}/hello.txt`, `Hello from Postern, Debian package ${version}.\n`)
  await settle(tree, epoch)
  const file = join(directory, POOL, `${NAME}_${version}_all.deb`)
  const env = cleanEnvironment({ SOURCE_DATE_EPOCH: String(epoch) })
  await runOrFail('dpkg-deb', ['--root-owner-group', '-Zgzip', '--build', tree, file], { env })
}

async function write(tree: string, path: string, text: string): Promise<void> {
  await mkdir(join(tree, path, '..'), { recursive: true })
  await writeFile(join(tree, path), text)
}

/** Modes and dates that do not depend on who builds when. */
async function settle(tree: string, epoch: number): Promise<void> {
  const paths = ['usr/share', 'usr', 'DEBIAN/control', 'DEBIAN', '.']
  for (const path of [`usr/share/${NAME}/hello.txt`, `usr/share/${NAME}`, ...paths]) {
    const isFile = /\.txt$|control$/.test(path)
    await chmod(join(tree, path), isFile ? 0o644 : 0o755)
    await utimes(join(tree, path), epoch, epoch)
  }
}

/** The packages are for every architecture, so that each index lists them. */
async function writeIndex(directory: string, architecture: string): Promise<void> {
  const folder = join(directory, 'dists/stable/main', `binary-${architecture}`)
  await mkdir(folder, { recursive: true })
  const args = [
    '-o',
    'APT::FTPArchive::MD5=no',
    '-o',
    'APT::FTPArchive::SHA1=no',
    '-o',
    'APT::FTPArchive::SHA512=no',
  ]
  const packages = await runOrFail('apt-ftparchive', [...args, '--arch', architecture, 'packages', 'pool'], {
    cwd: directory,
  })
  await writeFile(join(folder, 'Packages'), packages)
  await writeFile(join(folder, 'Packages.gz'), gzipSync(packages, { level: 9 }))
  await mkdir(join(folder, 'by-hash/SHA256'), { recursive: true })
  for (const index of ['Packages', 'Packages.gz']) {
    const digest = createHash('sha256')
      .update(await readFile(join(folder, index)))
      .digest('hex')
    await copyFile(join(folder, index), join(folder, 'by-hash/SHA256', digest))
  }
}

async function writeRelease(directory: string, epoch: number): Promise<void> {
  const suite = join(directory, 'dists/stable')
  const fields = {
    Origin: 'Postern demo',
    Suite: 'stable',
    Codename: 'stable',
    Architectures: ARCHITECTURES.join(' '),
    Components: 'main',
    'Acquire-By-Hash': 'yes',
  }
  const options = Object.entries(fields).map(([name, value]) => `APT::FTPArchive::Release::${name}=${value}`)
  const weak = ['MD5', 'SHA1', 'SHA512'].map((hash) => `APT::FTPArchive::Release::${hash}=no`)
  const args = [...options, ...weak].flatMap((option) => ['-o', option])
  const release = await runOrFail('apt-ftparchive', [...args, 'release', '.'], { cwd: suite })
  const dated = release.replace(
    /^Date: .*$/m,
    `Date: ${new Date(epoch * 1000).toUTCString().replace('GMT', 'UTC')}`,
  )
  await using key = await createSigningKey({ identity: 'Postern demo <demo@example.invalid>', epoch })
  await writeFile(join(suite, 'Release'), dated)
  await key.clearSign(join(suite, 'Release'), join(suite, 'InRelease'))
  await key.detachSign(join(suite, 'Release'), join(suite, 'Release.gpg'))
  await key.exportTo(join(directory, 'key.asc'))
}
