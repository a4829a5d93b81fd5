import { createBufferBody } from '../../deliver/buffer-body.ts'
import type { Answer, DeliveryOrder } from '../../deliver/contract.ts'
import { refuse, type Refusal } from '../../policy/refusal.ts'
import type { SetupPage } from '../../request/setup-page.ts'
import type { Target } from '../../request/target.ts'
import type { Served } from '../routes.ts'
import { WRITE_CONFIG } from './config-text.ts'
import { findKey } from './key.ts'
import { writeScript } from './script.ts'
import { viewStorage } from './storage.ts'
import { readSystem } from './system.ts'

export interface PageOrder extends Pick<DeliveryOrder, 'method' | 'baseUrl' | 'onGone'> {
  readonly page: SetupPage
  readonly served: Served
  readonly target: Pick<Target, 'query'>
  /** Where it came in a header. */
  readonly secret: string | undefined
}

/**
 * Answers for the storage: makes a page as if it were a file of it. It may hold a secret, and is kept by nobody. Refuses with `setup_missing` what
 * the storage has nothing for, with `request_malformed` what does not say for which system, and with what the storage itself refuses.
 */
export async function openPage(order: PageOrder): Promise<Answer> {
  const content = await makePage(order)
  if (!Buffer.isBuffer(content)) return content
  return {
    ok: true,
    status: 200,
    headers: [
      'content-type',
      TYPES[order.page.kind],
      'content-length',
      String(content.length),
      ...KEPT_BY_NOBODY,
    ],
    extent: { start: 0, end: content.length, size: content.length },
    body: order.method === 'HEAD' ? null : createBufferBody(content, order.onGone),
  }
}

const KEPT_BY_NOBODY = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff'] as const

const TYPES: Readonly<Record<SetupPage['kind'], string>> = {
  script: 'text/plain; charset=utf-8',
  config: 'text/plain; charset=utf-8',
  key: 'application/octet-stream',
}

async function makePage({ page, served, target, ...order }: PageOrder): Promise<Buffer | Refusal> {
  const { repository, setup, deliverer, recognize } = served
  const { format } = page
  const facts = { owner: repository.owner, repo: repository.repo, ...order }
  const storage = viewStorage(deliverer, recognize, order.onGone)
  const key = await findKey(format, setup, storage)
  if ('code' in key) return key
  if (page.kind === 'script') return Buffer.from(writeScript(format, { ...facts, keyName: key.name }))
  if (page.kind === 'key') return isAsked(page, key) ? key.content : refuse('not_found')
  const system = readSystem(target.query)
  if ('code' in system) return system
  const text = await WRITE_CONFIG[format]({ ...facts, settings: setup, system, storage, key })
  return typeof text === 'string' ? Buffer.from(text) : text
}

/** An RSA key has no id but what its name says. */
function isAsked(
  { keyId }: SetupPage,
  { ids, name }: { readonly ids: readonly string[]; name: string },
): boolean {
  return (
    keyId === undefined || ids.includes(keyId) || (ids.length === 0 && name.toUpperCase().includes(keyId))
  )
}
