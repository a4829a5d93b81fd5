import { isDelivery, type Line } from '../lines.ts'
import { addressOf, type Seen } from './customer.ts'

/** Refusals that the load has to meet with. */
const REFUSALS: ReadonlySet<string> = new Set([
  'downloads_used_up',
  'clients_used_up',
  'bandwidth_used_up',
  'upstream_failed',
  'not_found',
  // On a machine that is busy with something else a store may be late; nothing is charged then.
  'store_unavailable',
])

/** What is wrong about a request, by what its customer saw and what its host wrote about it; undefined when all is well. */
export function judge(seen: Seen, line: Line | undefined): string | undefined {
  const complaint = seen.complaint ?? (line === undefined ? judgeUnwritten(seen) : judgeWritten(seen, line))
  return complaint === undefined ? undefined : `${complaint}: ${JSON.stringify([seen, line])}`
}

/** Whoever leaves at once may do so before anybody has listened. */
function judgeUnwritten({ leave, status }: Seen): string | undefined {
  return leave === 'at once' && status === undefined ? undefined : 'nothing is written about it'
}

function judgeWritten(seen: Seen, line: Line): string | undefined {
  const { status, code, artifact, client } = seen
  // Of a request whose token could not be looked up nothing is known but its end.
  const isKnown = line.outcome !== 'store_unavailable'
  if (isKnown && (line.path !== artifact.path || line.client !== addressOf(client)))
    return 'it is written down as another'
  if (status !== undefined && status !== line.status) return 'another status is written down'
  if (code !== undefined && !REFUSALS.has(code)) return 'it was refused for a wrong reason'
  if (!isDelivery(line)) return line.downloads === 0 ? judgeFree(seen) : 'something was charged for nothing'
  return judgeDelivery(seen, line)
}

/** Ends well, unless its customer left. */
function judgeFree({ status, code, hasLeft, isWhole, leave }: Seen): string | undefined {
  if (hasLeft && typeof leave !== 'number') return undefined
  if (!isWhole) return 'a short answer was cut'
  const isExpected = code !== undefined || status === 200 || status === 304 || status === 416
  return isExpected ? undefined : 'an odd answer'
}

function judgeDelivery(seen: Seen, line: Line): string | undefined {
  const { received } = seen
  if (received > line.bytes) return 'more arrived than was sent'
  if (line.bytes > mostOf(seen)) return 'more was sent than there was'
  if (seen.leave === 'before the answer' && line.bytes + line.downloads > 0) return 'nobody was there'
  const isExact = seen.fault?.kind === 'stall' && seen.hasLeft
  if (isExact) return received === line.bytes ? undefined : 'other bytes were counted than were sent'
  if (seen.hasLeft || seen.fault !== undefined) return undefined
  if (line.outcome === 'bandwidth_used_up') return judgeCutByLimit(seen, line)
  if (!seen.isWhole) return 'it was cut'
  return received === lengthOf(seen) && line.bytes === received ? undefined : 'another length was counted'
}

/** Only where nobody knew how long the file is. */
function judgeCutByLimit({ artifact, isWhole }: Seen, line: Line): string | undefined {
  const isRight = !artifact.isTold && !isWhole && line.bytes < artifact.size
  return isRight ? undefined : 'it was cut, although its length was known'
}

function lengthOf({ range, artifact }: Seen): number {
  return range === undefined ? artifact.size : range.end - range.start
}

/** What the storage gave of it. */
function mostOf(seen: Seen): number {
  const { fault } = seen
  if (fault?.kind === 'stall' || fault?.kind === 'break') return fault.after
  return fault === undefined ? lengthOf(seen) : 0
}
