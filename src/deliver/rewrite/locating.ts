import { refuse, type Refusal } from '../../policy/refusal.ts'
import type { Artifact } from '../../policy/types.ts'
import type { Answer, Deliverer, DeliveryOrder } from '../contract.ts'
import { wholeHeaders } from '../request-headers.ts'
import { useDocument, type DocumentOptions } from './document.ts'

/** How files of one format are found that documents name by paths of the gate, because the storage's own do not tell what they are. */
export interface Locator {
  /** Paths of the storage's documents that may tell where a file lies, in the order in which to ask; none: it lies where its path says. */
  readonly documentsAbout: (artifact: Artifact) => readonly string[]
  /** Path of the file below the storage; undefined when the document does not tell. Works in slices. Rejects what it can't read. */
  readonly find: (document: Buffer, artifact: Artifact) => Promise<string | undefined>
}

export interface LocatingOptions extends DocumentOptions {
  /** Told why a document could not be read; the client is not. */
  readonly onFailure: (error: Error) => void
  /** For documents of the second of several storages, of the third, and so on. Default: there is one storage. */
  readonly others?: readonly Locator[]
}

/**
 * Delivers from `inner` what `locator` finds for the paths that concern it. Where a file lies, the storage's own document says, never the
 * client: what was judged is what is fetched. `not_found` when no document tells.
 */
export function createLocatingDeliverer(
  inner: Deliverer,
  locator: Locator,
  options: LocatingOptions,
): Deliverer {
  return {
    open: (order) => {
      const documents = locator.documentsAbout(order.artifact)
      return documents.length === 0 ? inner.open(order) : openFound(inner, locator, options, order, documents)
    },
    sendsAsItLies: (order) =>
      locator.documentsAbout(order.artifact).length === 0 && inner.sendsAsItLies?.(order) === true,
    close: inner.close,
  }
}

async function openFound(
  inner: Deliverer,
  locator: Locator,
  options: LocatingOptions,
  order: DeliveryOrder,
  documents: readonly string[],
): Promise<Answer> {
  try {
    for (const document of documents) {
      const found = await lookInto(inner, locator, options, order, document)
      if (typeof found === 'string')
        return await inner.open({ ...order, artifact: at(order.artifact, found) })
      if (found !== undefined && found.code !== 'not_found') return found
    }
    return refuse('not_found')
  } catch (error) {
    options.onFailure(error instanceof Error ? error : new Error(String(error)))
    return refuse('upstream_failed')
  }
}

async function lookInto(
  inner: Deliverer,
  locator: Locator,
  options: LocatingOptions,
  order: DeliveryOrder,
  document: string,
): Promise<string | Refusal | undefined> {
  const { format } = order.artifact
  const artifact = at({ format, kind: 'metadata', path: '', filename: '' }, document)
  const opened = await inner.open({ ...order, method: 'GET', artifact, query: '', headers: wholeHeaders({}) })
  if (!opened.ok) return opened
  if (opened.status !== 200 || opened.body === null) {
    opened.body?.discard()
    return undefined
  }
  const own = options.others?.[(opened.source ?? 0) - 1] ?? locator
  const read = (content: Buffer): Promise<string | undefined> => own.find(content, order.artifact)
  return useDocument(order, opened, opened.body, options, read)
}

function at(artifact: Artifact, path: string): Artifact {
  return { ...artifact, path, filename: path.slice(path.lastIndexOf('/') + 1) }
}
