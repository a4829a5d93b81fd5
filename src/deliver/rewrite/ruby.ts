import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { DeliveryOrder } from '../contract.ts'
import { md5Etag } from './digest.ts'
import { filterLines, type FilteredLines } from './lines.ts'
import type { Rewriter } from './rewriting.ts'
import { createRoom, type Room } from './room.ts'
import { filterSpecs } from './ruby-specs.ts'

const gunzipAsync: (data: Buffer, options: { maxOutputLength: number }) => Promise<Buffer> = promisify(gunzip)
const gzipAsync: (data: Buffer) => Promise<Buffer> = promisify(gzip)
const LARGEST_INDEX = 64 * 1024 * 1024

/**
 * Makes the lists of a gem repository name only gems that the client may fetch. There are no URLs in them, so that clients who may fetch
 * everything get the storage's bytes, with their ETags and in the ranges that Bundler asks for. A list that is cut down is always whole and
 * has its own MD5 as ETag: Bundler compares them, and would append the end of another list to what it has.
 */
export function createRubyRewriter(): Rewriter {
  // How large an index is that was packed, nobody knows before: one at a time.
  const room = createRoom(LARGEST_INDEX)
  return {
    concerns: ({ artifact: { format, kind, version }, includes }) =>
      format === 'ruby' && kind === 'metadata' && version === undefined && includes !== undefined,
    rewrite: async (document, order) => {
      const { path } = order.artifact
      if (path.startsWith('info/')) return filterInfo(document, order)
      if (path !== 'versions' && path !== 'names') return filterIndex(document, order, room)
      const change = path === 'versions' ? cutVersions : cutName
      return (await filterList(document, (line) => change(line, order))).content
    },
    etag: md5Etag,
  }
}

const HEAD = /^(?:created_at: [^\n]*\n)?---\n/

/** Of the lists in lines, "Compact Index API". */
function filterList(document: Buffer, change: (line: string) => string | undefined): Promise<FilteredLines> {
  const head = HEAD.exec(document.toString('latin1', 0, 256))?.[0] ?? ''
  return filterLines(document, head.length, change)
}

/** `NAME VERSION,VERSION-PLATFORM,… MD5`; a version that was withdrawn has a `-` before it. */
function cutVersions(line: string, order: DeliveryOrder): string | undefined {
  const [name = '', versions = '', ...rest] = line.split(' ')
  const kept = versions.split(',').filter((each) => allows(order, gemPath(name, each.replace(/^-/, ''))))
  return kept.length === 0 ? undefined : [name, kept.join(','), ...rest].join(' ')
}

function cutName(name: string, order: DeliveryOrder): string | undefined {
  return allows(order, `info/${name}`) ? name : undefined
}

/** `VERSION-PLATFORM DEPENDENCIES|REQUIREMENTS`. undefined when nothing is left of something. */
async function filterInfo(document: Buffer, order: DeliveryOrder): Promise<Buffer | undefined> {
  const { name = '' } = order.artifact
  const { content, kept, dropped } = await filterList(document, (line) =>
    allows(order, gemPath(name, line.split(' ', 1)[0] ?? '')) ? line : undefined,
  )
  return kept === 0 && dropped > 0 ? undefined : content
}

/** The old indexes, most of them compressed. */
async function filterIndex(document: Buffer, order: DeliveryOrder, room: Room): Promise<Buffer | undefined> {
  const isCompressed = document[0] === 0x1f && document[1] === 0x8b
  if (!isCompressed) return filterSpecIndex(document, order)
  const leave = await room.take(LARGEST_INDEX, order.onGone)
  if (leave === undefined) return undefined
  try {
    return await filterSpecIndex(await gunzipAsync(document, { maxOutputLength: LARGEST_INDEX }), order)
  } finally {
    leave()
  }
}

async function filterSpecIndex(index: Buffer, order: DeliveryOrder): Promise<Buffer> {
  const filtered = await filterSpecs(index, ({ name, version, platform }) =>
    allows(order, gemPath(name, platform === 'ruby' ? version : `${version}-${platform}`)),
  )
  return order.artifact.filename.endsWith('.gz') ? gzipAsync(filtered) : filtered
}

function gemPath(name: string, version: string): string {
  return `gems/${name}-${version}.gem`
}

function allows({ includes }: DeliveryOrder, path: string): boolean {
  return includes === undefined || includes(path)
}
