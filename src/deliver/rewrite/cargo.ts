import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DeliveryOrder } from '../contract.ts'
import { encodePath } from '../encode-path.ts'
import { placeOfLink } from './place.ts'
import type { Rewriter } from './rewriting.ts'

/**
 * Makes the configuration of a sparse registry lead to the gate, in the way in which the client came, and the index of a crate name only the
 * versions that it may fetch. `base` is the URL of the storage, with a slash at its end; undefined for a folder.
 */
export function createCargoRewriter(base: URL | undefined): Rewriter {
  return {
    concerns: ({ artifact: { format, kind, filename }, includes }) =>
      format === 'cargo' && kind === 'metadata' && (filename === CONFIG || includes !== undefined),
    rewrite: (document, order) =>
      order.artifact.filename === CONFIG
        ? rewriteConfig(document, order, base)
        : filterIndex(document, order),
  }
}

const CONFIG = 'config.json'

/**
 * cargo sends its token with everything if `auth-required` says so, and else with nothing; where the secret is in the path, it would ask for a
 * token that nobody has.
 */
async function rewriteConfig(document: Buffer, order: DeliveryOrder, base: URL | undefined): Promise<Buffer> {
  const given: unknown = JSON.parse(document.toString())
  const { dl, api, ...rest } = given as { readonly dl?: unknown; readonly api?: unknown }
  const toGate = (url: string): string => rewriteTemplate(url, order, base)
  if (typeof dl !== 'string') throw new SyntaxError(`the storage's config.json has no "dl"`)
  const config = {
    ...rest,
    dl: toGate(dl),
    ...(typeof api === 'string' ? { api: toGate(api) } : {}),
    // Left out when it is undefined.
    'auth-required': order.openUrl() === order.baseUrl ? undefined : true,
  }
  return Buffer.from(JSON.stringify(config))
}

/** `{crate}` and the like stay; what stands before the first of them is a URL. */
function rewriteTemplate(
  template: string,
  { artifact, baseUrl }: DeliveryOrder,
  base: URL | undefined,
): string {
  const [written = ''] = template.split(/[?#]/)
  const at = written.search(/\{|$/)
  const place = placeOfLink(written.slice(0, at), artifact.path, base)
  if (place === undefined) throw new SyntaxError("the storage's config.json names no URL of the web")
  const url = baseUrl + encodePath(place) + written.slice(at)
  // cargo puts a slash behind what has no marker.
  return at < written.length ? url : url.replace(/\/+$/, '')
}

/** Read in one go; a few milliseconds. */
const SLICE = 128 * 1024

/** A version on each line. It is judged as if its crate lay in the folder that cargo takes by itself. */
async function filterIndex(document: Buffer, { includes }: DeliveryOrder): Promise<Buffer | undefined> {
  const kept: string[] = []
  let [dropped, rest] = [0, SLICE]
  for (const line of document.toString().split('\n')) {
    if (line.trim() === '') continue
    const { name, vers } = JSON.parse(line) as { readonly name?: unknown; readonly vers?: unknown }
    const isKept = includes === undefined || includes(`${String(name)}/${String(vers)}/download`)
    if (isKept) kept.push(`${line}\n`)
    else dropped++
    rest -= line.length
    if (rest > 0) continue
    rest = SLICE
    await nextTurn()
  }
  return kept.length === 0 && dropped > 0 ? undefined : Buffer.from(kept.join(''))
}
