import { whyNotDelivered } from './deliver.ts'
import { parseDuration } from './duration.ts'
import type { Finding, Path } from './mistake.ts'
import { isRecord } from './record.ts'
import { writtenUpstreams, type WrittenUpstream } from './upstream-list.ts'
import type { ParsedUpstream } from './upstream.ts'

/** What is wrong with the upstreams of a repository only when they are seen together, or with what else stands there. `at`: its path. */
export function checkUpstreams(
  at: Path,
  repository: Readonly<Record<string, unknown>>,
  file: unknown,
): Finding[] {
  const all = writtenUpstreams(repository)
  const findings = [
    ...checkTwins(all),
    ...checkRegistry(repository, all),
    ...checkDelivery(repository, all, isRecord(file) ? file['public_url'] : undefined),
    ...checkPatience(repository, all, isRecord(file) ? file['upstream'] : undefined),
  ]
  return findings.map((finding) => ({ ...finding, path: [...at, ...finding.path] }))
}

function checkTwins(all: readonly WrittenUpstream[]): Finding[] {
  const seen = new Set<string>()
  return all.flatMap(({ upstream, s3, path }) => {
    const repeats = seen.size === seen.add(JSON.stringify([upstream, s3])).size
    return repeats ? [{ path, message: 'is in the list already; each storage stands there once' }] : []
  })
}

function checkRegistry(
  { format, failover }: Readonly<Record<string, unknown>>,
  all: readonly WrittenUpstream[],
): Finding[] {
  if (format !== 'docker') return []
  const findings: Finding[] = all.flatMap(({ upstream, path }) => {
    const message = whyNoRegistry(upstream)
    return message === undefined ? [] : [{ path, message }]
  })
  if (all.length > 1) findings.push({ path: ['upstream'], message: SEVERAL_REGISTRIES })
  if (failover !== undefined)
    findings.push({
      path: ['failover'],
      message: 'means nothing for docker, which has one registry',
      atKey: true,
    })
  return findings
}

const SEVERAL_REGISTRIES =
  'is a list, and images come from one registry: which image a digest belongs to is proved there; write one, which may be a load balancer'

function whyNoRegistry(upstream: ParsedUpstream): string | undefined {
  if (upstream.kind === 's3')
    return 'is a bucket; images lie in a registry, such as http://127.0.0.1:5000/, which may keep them in one'
  if (upstream.kind === 'files')
    return 'is a folder; images lie in a registry, such as http://127.0.0.1:5000/'
  const isBelowApi = /^\/v2(?:\/|$)/.test(new URL(upstream.url).pathname)
  return isBelowApi ? 'begins with /v2/, which is added to it; leave that out' : undefined
}

function checkDelivery(
  { deliver: way, s3: shared }: Readonly<Record<string, unknown>>,
  all: readonly WrittenUpstream[],
  publicUrl: unknown,
): Finding[] {
  if (all.length === 0) return []
  const findings: Finding[] = all.flatMap(({ upstream, path, s3 }) =>
    s3 === undefined || upstream.kind === 's3'
      ? []
      : [{ path: [...path.slice(0, -1), 's3'], message: FOR_BUCKETS, atKey: true }],
  )
  const whys = all.map(
    ({ upstream, s3 }) => whyNotDelivered(way, upstream) ?? whyNotFollowed(way, s3 ?? shared, publicUrl),
  )
  const why = whys.find((each) => each !== undefined)
  if (why !== undefined) findings.push({ path: ['deliver'], message: why })
  if (way === 'accel' && all.length > 1) findings.push({ path: ['deliver'], message: SEVERAL_FOR_ACCEL })
  if (shared !== undefined && all.every(({ upstream }) => upstream.kind !== 's3'))
    findings.push({ path: ['s3'], message: FOR_BUCKETS, atKey: true })
  return findings
}

const SEVERAL_FOR_ACCEL =
  'is accel, and the nginx in front sends files of its own, not those of several upstreams; write stream, or one upstream'
const FOR_BUCKETS = 'is for an upstream s3://…'

/** apt and go refuse to be led out of TLS, and others should. */
function whyNotFollowed(way: unknown, access: unknown, publicUrl: unknown): string | undefined {
  const given = isRecord(access) ? (access['public_endpoint'] ?? access['endpoint']) : undefined
  const isOpen = typeof given === 'string' && given.startsWith('http://')
  const isSecure = typeof publicUrl === 'string' && publicUrl.startsWith('https://')
  if (way !== 'redirect' || !isOpen || !isSecure) return undefined
  return 'is redirect, and would lead customers from https to http, which they refuse; set s3.public_endpoint to an https URL, or write stream'
}

const USUAL_HEADERS_TIMEOUT = '30s'

/** With less time for all than for one, nobody else is asked after a storage that does not answer. */
function checkPatience(
  { failover }: Readonly<Record<string, unknown>>,
  all: readonly WrittenUpstream[],
  patience: unknown,
): Finding[] {
  const given = isRecord(patience)
    ? (patience['headers_timeout'] ?? USUAL_HEADERS_TIMEOUT)
    : USUAL_HEADERS_TIMEOUT
  const total = isRecord(failover) ? failover['total_timeout'] : undefined
  if (all.length < 2 || typeof given !== 'string' || typeof total !== 'string') return []
  const [one, every] = [parseDuration(given, 1), parseDuration(total, 1)]
  if (!one.ok || !every.ok || every.value > one.value) return []
  const message = `leaves no time for another upstream after one that does not answer; it must be more than upstream.headers_timeout, ${given}`
  return [{ path: ['failover', 'total_timeout'], message }]
}
