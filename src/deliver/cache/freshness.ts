import { valueOf } from '../header-list.ts'
import { readHttpDate } from '../http-date.ts'
import { parseCacheControl } from './cache-control.ts'

/** How long an answer of the storage may be given to others. */
export interface Freshness {
  /** From the moment it was made. undefined: the storage does not say. */
  readonly lifetimeMs: number | undefined
  /** How old it was when it came, by its date or its Age: whichever is more. */
  readonly ageMs: number
  /** By its Age. undefined: it had none, for it comes from the storage itself. */
  readonly saidAgeMs: number | undefined
  /** It never changes under its name, whatever a client believes (RFC 8246). */
  readonly immutable: boolean
}

/**
 * What the headers of a 200 say to a shared cache (RFC 9111 §3 and §4.2) that received them at `receivedAt`, epoch ms. undefined: it
 * must not be kept. Where the storage contradicts itself, the stricter word counts.
 */
export function readFreshness(headers: readonly string[], receivedAt: number): Freshness | undefined {
  const control = parseCacheControl(valueOf(headers, 'cache-control'))
  if (control.has('no-store') || control.has('private')) return undefined
  const made = readHttpDate(valueOf(headers, 'date'))
  const saidAgeMs = readAgeMs(valueOf(headers, 'age'))
  const apparentAgeMs = made === undefined ? 0 : Math.max(0, receivedAt - made * 1000)
  return {
    lifetimeMs: control.has('no-cache') ? 0 : readLifetimeMs(headers, control, made ?? receivedAt / 1000),
    ageMs: Math.max(apparentAgeMs, saidAgeMs ?? 0),
    saidAgeMs,
    immutable: control.has('immutable'),
  }
}

function readLifetimeMs(
  headers: readonly string[],
  control: ReturnType<typeof parseCacheControl>,
  madeSeconds: number,
): number | undefined {
  const seconds = control.seconds('s-maxage') ?? control.seconds('max-age')
  if (seconds !== undefined) return seconds * 1000
  const expires = valueOf(headers, 'expires')
  if (expires === undefined) return undefined
  // "0" and other nonsense mean: already over (RFC 9111 §5.3).
  return Math.max(0, (readHttpDate(expires) ?? 0) - madeSeconds) * 1000
}

/** Of a list the first counts, nonsense is ignored (RFC 9111 §5.1). */
function readAgeMs(age: string | undefined): number | undefined {
  const seconds = /^(\d+)/.exec(age ?? '')?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

/** HTTP's dates are whole seconds, and a file system's clock may lag behind a server's. */
const SETTLED_SECONDS = 2

/**
 * Conditions that ask the storage whether an answer is still the current one (RFC 9111 §4.3.1); undefined when that can't be asked. An
 * answer that was made right after its file was modified can't be: the storage might change the file once more within the same second,
 * and say "not modified" of the other version for ever (RFC 9110 §8.8.2.2; nginx makes its ETag of that second, too).
 */
export function revalidationOf(
  headers: readonly string[],
  receivedAt: number,
): Readonly<Record<string, string>> | undefined {
  const [etag, lastModified] = [valueOf(headers, 'etag'), valueOf(headers, 'last-modified')]
  const modified = readHttpDate(lastModified)
  const made = readHttpDate(valueOf(headers, 'date')) ?? Math.floor(receivedAt / 1000)
  if (modified !== undefined && made < modified + SETTLED_SECONDS) return undefined
  if (etag === undefined && modified === undefined) return undefined
  return {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(modified === undefined || lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
  }
}
