import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FORMATS } from '../../src/policy/formats.ts'
import type { Format } from '../../src/policy/types.ts'
import { readFixture } from '../request/formats/fixtures.ts'

const DIGEST = '0123456789abcdef'.repeat(4)

/** Files with names that only a trap needs. */
const TRAPS: Readonly<Partial<Record<Format, readonly string[]>>> = {
  deb: [
    'dists/stable/InRelease',
    'dists/stable/main/binary-amd64/Packages.gz',
    'dists/stable/main/binary-amd64/packages.gz',
    `dists/stable/main/binary-amd64/by-hash/SHA256/${DIGEST}`,
    'InRelease',
    'Packages',
    'key.asc',
    'foo_1.0_amd64.deb',
    'foo_1.0_amd64.deb.asc',
    'foo_1.0_amd64.DEB',
    'foo_1.0_amd64.deb.',
    'foo_1.0_amd64.deb ',
    'foo_1.0_amd64.deb;x',
    'pool/main/f/foo/foo_1.0_amd64.deb',
    'pool/main/g/g++/g++_1%3a12.2~rc1+b1_amd64.deb',
    'pool/main/g/g++/g++_1:12.2~rc1+b1_amd64.deb',
    'pool/main/f/foo/foo_1.0.orig.tar.gz',
    'pool/Packages.gz/foo_1.0_amd64.deb',
    'pool/a\\b_1.0_all.deb',
  ],
  rpm: [
    'repodata/repomd.xml',
    'repodata/repomd.xml.asc',
    `repodata/${DIGEST}-primary.xml.gz`,
    'repodata/hello-2.10-1.x86_64.rpm',
    'Packages/h/hello-2.10-1.fc39.x86_64.rpm',
    'Packages/h/hello-2.10-1.fc39.x86_64.RPM',
    'Packages/l/libstdc++-11.4.1-2.el9.aarch64.rpm',
    'Packages/f/foo-1.0~rc1^git1-0.1.noarch.rpm',
    'drpms/hello-2.9-1_2.10-1.x86_64.drpm',
    'content',
    'media.1/media',
    'RPM-GPG-KEY-acme',
    'el/9/x86_64/repodata/repomd.xml',
  ],
  npm: [
    'left-pad/-/left-pad-1.0.0.tgz',
    'left-pad/-/left-pad-1.0.0.TGZ',
    'left-pad/index.json',
    'left-pad/1.0.0',
    'left-pad/latest',
    '@acme/widget/-/widget-1.1.0.tgz',
    '@acme/widget/-/@acme/widget-1.1.0.tgz',
    '@acme/widget/index.json',
    '@acme%2fwidget',
    'acme/widget',
    `download/left-pad/1.0.0/${DIGEST}`,
    '-/npm/v1/keys',
    '-/v1/search',
    'plain',
    'ptkOld/acme/npm/left-pad',
  ],
  raw: [
    'tool',
    'tool.sig',
    'tools/1.2.0/tool-linux-amd64.tar.gz',
    'tools/1.2.0/tool-linux-amd64.tar.gz.sha256',
    'a b/c d.txt',
    'a+b',
    'a%20b',
    'a%2fb',
    'a/b',
    'a%252fb',
    'a?b',
    'a#b',
    'a;b',
    '100%',
    '100%25',
    'A',
    '%41',
    '\u00fc.txt',
    'u\u0308.txt',
    '製品／版.zip',
    "it's (1)!*$&,=@:.zip",
    '"<>|`{}^[].zip',
    '..x',
    '.hidden/y',
    'x..',
    'a/..b/c',
    'KEYS',
    'SHA256SUMS',
  ],
}

/** Files of a repository of each format: those traps, or what the recognizer is tested with. Repositories are called like formats. */
export const FILES: ReadonlyMap<Format, readonly string[]> = new Map(
  FORMATS.map((format) => [format, TRAPS[format] ?? filesOfFixture(format)]),
)

/** A path can't be a file and a folder at the same time. */
function filesOfFixture(format: Format): string[] {
  const paths = readFixture(format).map(({ path }) => path)
  const files = paths.filter((path) => path !== '' && !path.endsWith('/'))
  return files.filter((path) => !files.some((other) => other.startsWith(`${path}/`)))
}

/** Files beside and above the repositories, as paths from one of them. */
export const OUTSIDE: readonly string[] = [
  '../secret.txt',
  '../../secret.txt',
  '../../etc/passwd',
  '../deb/foo_1.0_amd64.deb',
  '../raw/tool',
  '../deb-private/foo_1.0_amd64.deb',
  '../raw-private/tool',
  '../npm.secret',
]

/** Where the repositories lie below the root that the storage serves. */
export const STORE = 'store'

/** Writes the repositories and what lies around them below `root`. The content of each file is its own path from `root`. */
export async function writeTree(root: string): Promise<void> {
  const inside = [...FILES].flatMap(([repo, paths]) => paths.map((path) => join(STORE, repo, path)))
  const outside = OUTSIDE.map((path) => join(STORE, 'deb', path))
  for (const path of new Set([...inside, ...outside])) {
    await mkdir(join(root, dirname(path)), { recursive: true })
    await writeFile(join(root, path), path)
  }
}
