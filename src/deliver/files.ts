import { constants } from 'node:fs'
import { open, realpath, type FileHandle } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Stats } from 'node:fs'
import { refuse, type Refusal } from '../policy/refusal.ts'
import type { Artifact } from '../policy/types.ts'
import { contentType } from './content-type.ts'
import type { Body, Deliverer, DeliveryOrder, Opened } from './contract.ts'
import { evaluateConditions } from './conditions.ts'
import { createSink } from './sink.ts'

export interface FilesOptions {
  /** Absolute path of the folder that is the repository. */
  readonly directory: string
  /** Told why reading failed; the client is not. */
  readonly onFailure: (error: Error) => void
}

/** "Not there", as the file system says it: also for a name that is too long, or that goes on below a file. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EISDIR'])

/**
 * Delivers from a folder: strong validators from size and modification time, single ranges, conditional requests. Links are
 * followed only inside the folder. A folder is answered with its index.json where the artifact is metadata, else not at all.
 */
export function createFilesDeliverer({ directory, onFailure }: FilesOptions): Deliverer {
  return {
    open: async (order) => {
      try {
        return await openFile(directory, order)
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error))
        if ('code' in failure && ABSENT.has(String(failure.code))) return refuse('not_found')
        onFailure(failure)
        return refuse('upstream_failed')
      }
    },
    close: async () => undefined,
  }
}

async function openFile(directory: string, order: DeliveryOrder): Promise<Opened | Refusal> {
  const root = await realpath(directory)
  const found = await locate(root, order.artifact)
  if (found === undefined) return refuse('not_found')
  const { handle, stats } = found
  const { status, extent, headers } = evaluateConditions(order.headers, stats.size, stats.mtime)
  const described = ['content-type', contentType(order.artifact), 'accept-ranges', 'bytes', ...headers]
  if (order.method === 'HEAD' || (status !== 200 && status !== 206)) {
    await handle.close()
    return { ok: true, status, headers: described, extent, body: null }
  }
  return { ok: true, status, headers: described, extent, body: fileBody(handle, extent.start, extent.end) }
}

async function locate(
  root: string,
  artifact: Artifact,
): Promise<{ handle: FileHandle; stats: Stats } | undefined> {
  const file = await openInside(root, artifact.path)
  if (file === undefined || file.stats.isFile()) return file
  await file.handle.close()
  if (!file.stats.isDirectory() || artifact.kind !== 'metadata') return undefined
  const index = await openInside(root, `${artifact.path}/index.json`)
  if (index === undefined || index.stats.isFile()) return index
  await index.handle.close()
  return undefined
}

/** Non-blocking, so that a named pipe in the folder can't hang the gate. */
async function openInside(
  root: string,
  path: string,
): Promise<{ handle: FileHandle; stats: Stats } | undefined> {
  const real = await realpath(join(root, path))
  if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined
  const handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK)
  return { handle, stats: await handle.stat() }
}

function fileBody(handle: FileHandle, start: number, end: number): Body {
  return {
    send: (response) => {
      if (end <= start) {
        void handle.close()
        const empty = createSink(response, { pause: ignore, resume: ignore, abort: ignore })
        empty.end()
        return empty.done
      }
      const stream = handle.createReadStream({ start, end: end - 1, highWaterMark: 256 * 1024 })
      const sink = createSink(response, {
        pause: () => stream.pause(),
        resume: () => stream.resume(),
        abort: () => stream.destroy(),
      })
      let left = end - start
      stream.on('data', (chunk) => {
        left -= chunk.length
        sink.write(chunk as Buffer)
      })
      stream.on('end', () => (left === 0 ? sink.end() : sink.fail()))
      stream.on('error', () => sink.fail())
      return sink.done
    },
    discard: () => void handle.close(),
  }
}

function ignore(): void {}
