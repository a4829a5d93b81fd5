import { isDelivery, type Line } from '../lines.ts'
import { countAsAsked, countInAnyOrder, type Delivery } from './books.ts'
import type { Seen } from './customer.ts'
import type { ModelToken, Used } from './tokens.ts'

/** What a token must have used. */
interface Sum {
  /** Says how; undefined: it does not. */
  readonly differsFrom: (used: Used | undefined) => string | undefined
}

interface File {
  readonly client: number
  readonly size: number | null
  readonly deliveries: Delivery[]
}

/** Adds up, for each token, what was sent by the hosts' own account of each request. */
export function sumUp(
  tokens: readonly ModelToken[],
  seen: readonly Seen[],
  lines: ReadonlyMap<number, Line>,
): readonly Sum[] {
  return tokens.map(({ isCrowd, limits }, token) => {
    const files = new Map<string, File>()
    let bytes = 0
    for (const each of seen) {
      const line = lines.get(each.id)
      if (each.token !== token || line === undefined || !isDelivery(line)) continue
      bytes += line.bytes
      if (each.artifact.isPackage) add(files, each, line.bytes)
    }
    return createSum({ isCrowd, limits }, [...files.values()], bytes)
  })
}

function add(files: Map<string, File>, { client, artifact, range, leave }: Seen, sent: number): void {
  const { path, size, isTold } = artifact
  const key = `${client} ${path}`
  const file = files.get(key) ?? { client, size: isTold ? size : null, deliveries: [] }
  files.set(key, file)
  const mayComeLate = leave === 'at once'
  file.deliveries.push({ start: range?.start ?? 0, end: range?.end ?? size, sent, mayComeLate })
}

function createSum(
  { isCrowd, limits }: Pick<ModelToken, 'isCrowd' | 'limits'>,
  files: readonly File[],
  bytes: number,
): Sum {
  const downloads = { least: 0, most: 0 }
  const clients = new Set<number>()
  for (const { client, size, deliveries } of files) {
    const count = isCrowd ? countInAnyOrder(size, deliveries) : countAsAsked(size, deliveries)
    downloads.least += count.least
    downloads.most += count.most
    if (count.least > 0) clients.add(client)
  }
  return {
    differsFrom: (used) => {
      const { downloads: counted = NaN, clients: seen = NaN, bandwidth = NaN } = used ?? {}
      const isWithin = counted >= downloads.least && counted <= downloads.most
      if (isWithin && seen === clients.size && bandwidth === bytes) return undefined
      return JSON.stringify({
        limits,
        counted: [counted, seen, bandwidth],
        right: [downloads, clients.size, bytes],
      })
    },
  }
}
