import type { Format } from '../../policy/types.ts'
import type { ArchiveRecord, BucketCopy } from '../contract/archive.ts'
import { tagOf } from './archive-accounts.ts'
import type { Opened } from './archive-open.ts'
import { readMember, readTallies, toBucket } from './history-reads.ts'
import { scanKeys, scanScored } from './scan.ts'
import { inGroups } from '../slices.ts'

type Batches = AsyncGenerator<readonly ArchiveRecord[], void, void>

const AT_ONCE = 128
const BUCKET_VALUES = 5

/** The history of all tokens and repositories. Downloaders behind the packages. */
export async function* readHistory(opened: Opened): Batches {
  const isDownloaders = (part: string): boolean => part.startsWith('downloaders:')
  yield* readParts(opened, (part) => !isDownloaders(part))
  yield* readParts(opened, isDownloaders)
}

async function* readParts(opened: Opened, isWanted: (part: string) => boolean): Batches {
  const { connection, pattern } = opened
  for await (const names of scanKeys(connection.client, `${pattern}}:history:*`)) {
    const wanted = names.filter((name) => isWanted(partOf(name)))
    const logs = wanted.filter((name) => partOf(name) === 'downloads')
    const others = wanted.filter((name) => partOf(name) !== 'downloads')
    for (const some of inGroups(others, AT_ONCE)) {
      const found = await Promise.all(some.map((name) => readOne(opened, name)))
      yield* found
    }
    for (const name of logs) yield* readLog(opened, name)
  }
}

const MARK = '}:history:'

/** What a key holds: the words behind its hash tag. */
function partOf(name: string): string {
  return name.slice(name.indexOf(MARK) + MARK.length)
}

async function readOne(opened: Opened, name: string): Promise<readonly ArchiveRecord[]> {
  const [owner, part] = [tagOf(name), partOf(name)]
  if (part === 'hours') return readBuckets(opened, name, owner, 'hour')
  if (part === 'days') return readBuckets(opened, name, owner, 'day')
  const tallies = (await readTallies(opened, name)).map(({ field, ...tally }) => ({
    ...tally,
    words: JSON.parse(field) as readonly string[],
  }))
  if (part === 'packages' && owner.includes('/')) {
    return tallies.map(({ words: [file = '', version = '', filename = ''], about, ...tally }) => {
      const format = about as Format
      return {
        kind: 'repository-package',
        repository: owner,
        name: file,
        version,
        filename,
        format,
        ...tally,
      }
    })
  }
  if (part === 'packages') {
    return tallies.map(({ words, about, ...tally }) => {
      const [repository = '', file = '', version = '', filename = ''] = words
      const format = about as Format
      return { kind: 'package', token: owner, repository, name: file, version, filename, format, ...tally }
    })
  }
  if (part.startsWith('day:')) {
    const day = Number(part.slice('day:'.length))
    return tallies.map(({ words: [file = '', version = '', filename = ''], downloads, bytes }) => ({
      kind: 'package-day',
      repository: owner,
      day,
      name: file,
      version,
      filename,
      downloads,
      bytes,
    }))
  }
  const file = part.slice('downloaders:'.length)
  // The hash tag: repository, space, and the name as far as it may stand in one.
  const repository = owner.slice(0, owner.indexOf(' '))
  return tallies.map(({ words: [token = '', version = '', filename = ''], about: tokenName, ...tally }) => ({
    kind: 'downloader',
    token,
    tokenName,
    repository,
    name: file,
    version,
    filename,
    ...tally,
  }))
}

async function readBuckets(
  { scripts }: Opened,
  name: string,
  token: string,
  span: BucketCopy['span'],
): Promise<readonly ArchiveRecord[]> {
  const values = await scripts.readHistory([name], [0, Number.MAX_SAFE_INTEGER])
  return inGroups(values, BUCKET_VALUES).map((each) => ({ kind: 'bucket', token, span, ...toBucket(each) }))
}

async function* readLog({ connection }: Opened, name: string): Batches {
  for await (const members of scanScored(connection.client, name)) {
    yield members.map(([member, at]) => ({
      kind: 'download',
      download: readMember(member, tagOf(name), Number(at)),
    }))
  }
}
