import { refuse, type Refusal } from '../../policy/refusal.ts'
import type { Deliverer, Opened } from '../contract.ts'
import { collect } from '../rewrite/collect.ts'

/** No registry has to take larger ones (OCI distribution, "Pushing Manifests"). Lists of tags are given in pages. */
export const LARGEST_DOCUMENT: number = 4 * 1024 * 1024

/** The storage did not tell what the gate has to know; `refusal` is what the client is told. */
export class UntoldError extends Error {
  readonly refusal: Refusal
  constructor(message: string, refusal: Refusal = refuse('upstream_failed')) {
    super(message)
    this.name = 'UntoldError'
    this.refusal = refusal
  }
}

/** What the gate itself wants to know of an image. */
export interface Question {
  readonly image: string
  /** Below the image: `tags/list`. */
  readonly path: string
  readonly method?: 'GET' | 'HEAD'
  readonly query?: string
  readonly accept: string
}

/** Asks the storage; undefined for what it does not have. Rejects with an UntoldError for every other answer than a 200. */
export async function ask(storage: Deliverer, question: Question): Promise<Opened | undefined> {
  const { image, method = 'GET', query = '', accept } = question
  const path = `${image}/${question.path}`
  const filename = path.slice(path.lastIndexOf('/') + 1)
  const opened = await storage.open({
    method,
    artifact: { format: 'docker', kind: 'metadata', name: image, path, filename },
    query,
    headers: { accept, 'accept-encoding': 'identity' },
    baseUrl: '',
    openUrl: () => '',
    includes: undefined,
    includesAllVersions: () => true,
    mayBeSentTo: () => false,
    onGone: () => undefined,
  })
  if (opened.ok && opened.status === 200) return opened
  if (opened.ok) opened.body?.discard()
  else if (opened.code === 'not_found') return undefined
  throw new UntoldError(`the storage did not tell ${question.path}`, opened.ok ? undefined : opened)
}

/** Takes the body of an answer to `ask`. */
export async function read({ body }: Opened): Promise<Buffer> {
  const content = body === null ? undefined : await collect(body, LARGEST_DOCUMENT)
  if (content === undefined) throw new UntoldError('the storage broke off')
  return content
}
