import { constants, type Stats } from 'node:fs'
import { open, readlink, realpath, type FileHandle } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { refuse, type Refusal } from '../policy/refusal.ts'
import type { Artifact } from '../policy/types.ts'
import { evaluateConditions } from './conditions.ts'
import { contentType } from './content-type.ts'
import type { Deliverer, DeliveryOrder, Opened } from './contract.ts'
import { createEmptyBody, createFileBody } from './file-body.ts'
import { FORMAT_DELIVERIES } from './formats.ts'
import { isPlainFile } from './plain-file.ts'
import { effectiveHeaders } from './request-headers.ts'

export interface FilesOptions {
  /** Absolute path of the folder that is the repository. */
  readonly directory: string
  /** Told why reading failed, also in the middle of a body; the client is not. */
  readonly onFailure: (error: Error) => void
}

/** "Not there", as the file system says it: also for a name that is too long, that goes on below a file, or of a socket. */
const ABSENT: ReadonlySet<unknown> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ENAMETOOLONG',
  'ELOOP',
  'EISDIR',
  'ENXIO',
])

/**
 * Delivers from a folder: strong validators from size and modification time, single ranges, conditional requests. Links are
 * followed only inside the folder. A folder is answered with its index.json where the artifact is metadata, else not at all; so is
 * whatever is no regular file. When the folder itself is gone, that is a failure and not "not found": clients would take it for
 * the absence of every package. Relies on a file system that tells capitals apart.
 */
export function createFilesDeliverer({ directory, onFailure }: FilesOptions): Deliverer {
  return {
    open: async (order) => {
      try {
        const found = await locate(await realpath(directory), order.artifact)
        return found === undefined ? refuse('not_found') : await answer(order, found, onFailure)
      } catch (error) {
        onFailure(error instanceof Error ? error : new Error(String(error)))
        const refusal = refuse('upstream_failed')
        return isAway(error, directory) ? { ...refusal, isUnavailable: true } : refusal
      }
    },
    sendsAsItLies: isPlainFile,
    close: async () => undefined,
  }
}

/** What file systems of other machines say when these are gone. */
const AWAY: ReadonlySet<unknown> = new Set(['EIO', 'ESTALE', 'ENOTCONN', 'EHOSTDOWN', 'ETIMEDOUT'])

/** The whole folder can't be read, not only a file of it. */
function isAway(error: unknown, directory: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return AWAY.has(error.code) || ('path' in error && error.path === directory)
}

interface Found {
  readonly handle: FileHandle
  readonly stats: Stats
}

async function answer(
  order: DeliveryOrder,
  { handle, stats }: Found,
  onFailure: (error: Error) => void,
): Promise<Opened | Refusal> {
  const file = representationOf(stats)
  const { status, extent, headers } = evaluateConditions(effectiveHeaders(order), file)
  const described = [
    'content-type',
    contentType(order.artifact),
    'x-content-type-options',
    'nosniff',
    'accept-ranges',
    'bytes',
    'etag',
    file.etag,
    'last-modified',
    new Date(file.modified * 1000).toUTCString(),
    ...headers,
  ]
  const opened = { ok: true, status, headers: described, extent } as const
  if (order.method === 'HEAD' || (status !== 200 && status !== 206)) {
    await handle.close()
    return { ...opened, body: null }
  }
  const isEmpty = extent.start === extent.end
  const body = isEmpty
    ? createEmptyBody(handle, order.onGone)
    : createFileBody(handle, extent, order.onGone, onFailure)
  return { ...opened, body }
}

/** The ETag tells what HTTP's date, in seconds, does not. */
function representationOf({ size, mtime }: Stats) {
  const ms = mtime.getTime()
  return { size, etag: `"${size.toString(16)}-${ms.toString(16)}"`, modified: Math.floor(ms / 1000) }
}

async function locate(root: string, artifact: Artifact): Promise<Found | undefined> {
  const file = await openInside(root, artifact.path)
  if (file === undefined || file.stats.isFile()) return file
  await file.handle.close()
  const { folderDocument } = FORMAT_DELIVERIES[artifact.format]
  const isDocument = file.stats.isDirectory() && artifact.kind === 'metadata'
  if (!isDocument || folderDocument === undefined) return undefined
  const index = await openInside(root, `${artifact.path}/${folderDocument}`)
  if (index === undefined || index.stats.isFile()) return index
  await index.handle.close()
  return undefined
}

/** Non-blocking, so that a named pipe in the folder can't hang the gate. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW

async function openInside(root: string, path: string): Promise<Found | undefined> {
  try {
    const real = await realpath(join(root, path))
    return isInside(root, real) ? await inspect(root, real, await open(real, FLAGS)) : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && ABSENT.has(error.code)) return undefined
    throw error
  }
}

/**
 * Whoever may write into the folder could swap a part of the path for a link between its resolution and the opening. So the open
 * file is asked where it lies: the kernel's word where there is one, else the path resolved once more.
 */
async function inspect(root: string, real: string, handle: FileHandle): Promise<Found | undefined> {
  try {
    const place = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => realpath(real))
    const stats = await handle.stat()
    if (isInside(root, place)) return { handle, stats }
  } catch (error) {
    await handle.close()
    throw error
  }
  await handle.close()
  return undefined
}

function isInside(root: string, place: string): boolean {
  return place === root || place.startsWith(root.endsWith(sep) ? root : root + sep)
}
