import { subjectOfTag } from '../../policy/attached-tag.ts'
import { createBufferBody } from '../buffer-body.ts'
import type { Answer, Deliverer, DeliveryOrder } from '../contract.ts'
import { pickHeaders } from '../header-list.ts'
import { read, UntoldError } from './ask.ts'
import { listOrder, nextLink } from './list-order.ts'
import { readTags } from './tags.ts'

/**
 * A page of the list of an image's tags (OCI distribution, "Listing Tags"), with the image's name and the way to the next page as the client
 * knows them. Without what the client may not fetch: a page may become short, or empty, and another one follow. Tags that name
 * digests are left out where some image is: they would tell of it.
 */
export async function answerTags(storage: Deliverer, order: DeliveryOrder, image: string): Promise<Answer> {
  const asked = listOrder(order)
  const headers = { ...asked.headers, accept: 'application/json' }
  const opened = await storage.open({ ...asked, method: 'GET', headers })
  if (!opened.ok || opened.status !== 200) return opened
  const tags = readTags(await read(opened))
  if (tags === undefined) throw new UntoldError('the storage gave a list of tags that is none')
  const name = new URL(order.baseUrl).pathname.replace(/^.*?\/v2\//, '') + image
  const content = Buffer.from(JSON.stringify({ name, tags: visibleTags(order, image, tags) }))
  const length = String(content.length)
  return {
    ok: true,
    status: 200,
    headers: [
      ...pickHeaders(opened.headers, (header) => header === 'docker-distribution-api-version'),
      ...DESCRIBED,
      'content-length',
      length,
      ...nextLink(order, opened),
    ],
    extent: { start: 0, end: content.length, size: content.length },
    body: order.method === 'HEAD' ? null : createBufferBody(content, order.onGone),
  }
}

const DESCRIBED = ['content-type', 'application/json', 'cache-control', 'private, no-cache']

function visibleTags(order: DeliveryOrder, image: string, tags: readonly string[]): readonly string[] {
  const { includes } = order
  if (includes === undefined || order.includesAllVersions()) return tags
  return tags.filter((tag) => subjectOfTag(tag) === undefined && includes(`${image}/manifests/${tag}`))
}
