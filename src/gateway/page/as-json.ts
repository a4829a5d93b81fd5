import type { EulaFacts, Measure, PageFacts, TokenFacts } from './facts.ts'
import { dayOf, isoOf, stateInWords, stateOf } from './words.ts'

/**
 * The page for programs. Bandwidth in bytes, instants in RFC 3339, null for what does not limit or is not known. Without the steps, for there
 * the secret is in them: what programs read goes into logs.
 */
export function asJson({ served, now, token, packages }: PageFacts): Buffer {
  const { owner, repo, format } = served.repository
  const document = {
    repository: `${owner}/${repo}`,
    format,
    ...(token === undefined ? OPEN : describeToken(token, now)),
    packages:
      packages === undefined
        ? null
        : {
            source: packages.source,
            is_complete: !packages.isCut,
            results: packages.packages.map(({ name, version, filename, path = null }) => ({
              name: name === '' ? null : name,
              version: version === '' ? null : version,
              filename,
              path,
            })),
          },
    contact: served.about.brand.contact ?? null,
  }
  return Buffer.from(`${JSON.stringify(document, undefined, 2)}\n`)
}

const OPEN = { state: 'public', message: 'Everybody may read this repository.', token: null }

function describeToken(token: TokenFacts, now: number): Record<string, unknown> {
  const { downloads, clients, bandwidth, rate, concurrency, days, eula } = token
  const of = (part: keyof Measure): Record<string, number | null> => ({
    downloads: downloads[part],
    clients: clients[part],
    bandwidth: bandwidth[part],
  })
  return {
    state: stateOf(token),
    message: stateInWords(token, now).join('. '),
    token: token.id,
    limits: { ...of('limit'), requests_per_second: rate, downloads_at_once: concurrency },
    used: of('used'),
    left: of('left'),
    resets_at: optional(token.resetsAt),
    starts: optional(token.from),
    expires: optional(token.until),
    published_until: optional(token.publishedUntil),
    eula: describeEula(eula),
    usage:
      days?.map(({ start, downloads: count, bytes }) => ({
        day: dayOf(start),
        downloads: count,
        bandwidth: bytes,
      })) ?? null,
  }
}

function describeEula(eula: EulaFacts | undefined): Record<string, unknown> | null {
  if (eula === undefined) return null
  const { terms, accepted, isLacking } = eula
  return {
    revision: terms.revision,
    is_accepted: !isLacking,
    accepted_revision: accepted?.revision ?? null,
    accepted_at: optional(accepted?.at ?? null),
    url: terms.url ?? null,
    text: terms.text ?? null,
  }
}

function optional(at: number | null): string | null {
  return at === null ? null : isoOf(at)
}
