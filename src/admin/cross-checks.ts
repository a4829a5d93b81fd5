import { BANDWIDTH_UNITS, bytesOf } from '../policy/bandwidth.ts'
import type { StoredToken } from '../store/contract.ts'
import type { FieldErrors } from './errors.ts'
import type { TokenInput } from './token-fields.ts'

export type Mistake = readonly [field: string, messages: readonly string[]]

/** What fields are judged against that are not sent. */
export interface Before extends Pick<
  StoredToken,
  | 'validFrom'
  | 'validUntil'
  | 'startsOnFirstDownload'
  | 'limitBandwidth'
  | 'limitBandwidthUnit'
  | 'previousDigest'
> {
  /** Of the current secret; undefined: the token is new. */
  readonly digest?: string
}

const FROM = 'limit_date_range_from'
const TO = 'limit_date_range_to'
const STARTS = 'starts_on_first_download'
const BANDWIDTH = 'limit_bandwidth'
const UNIT = 'limit_bandwidth_unit'
const PREVIOUS = 'previous_secret_valid_until'

/**
 * Mistakes that several fields make together, at the one that was sent. Where nothing that belongs to a rule was sent, or it could not be
 * read, the rule is not judged.
 */
export function crossMistakes(
  input: TokenInput,
  before: Before,
  errors: FieldErrors,
  now: number,
): Mistake[] {
  const isReadable = (...fields: readonly string[]): boolean => !fields.some((field) => errors.has(field))
  return [
    ...(isReadable(FROM, TO) ? orderMistakes(input, before) : []),
    ...(isReadable(FROM, TO, STARTS) ? lengthMistakes(input, before) : []),
    ...(isReadable(BANDWIDTH, UNIT) ? bandwidthMistakes(input, before) : []),
    ...(isReadable(PREVIOUS) ? previousMistakes(input, before, now) : []),
  ]
}

/** A window must begin before it ends. */
function orderMistakes(input: TokenInput, before: Before): Mistake[] {
  const { validFrom = before.validFrom, validUntil = before.validUntil } = input
  if (validFrom === null || validUntil === null || validFrom < validUntil) return []
  if (input.validUntil !== undefined) return [[TO, [`This must lie after ${FROM}.`]]]
  return input.validFrom === undefined ? [] : [[FROM, [`This must lie before ${TO}.`]]]
}

/** A window that starts with the first download needs a length. */
function lengthMistakes(input: TokenInput, before: Before): Mistake[] {
  const { validFrom = before.validFrom, validUntil = before.validUntil } = input
  const { startsOnFirstDownload = before.startsOnFirstDownload } = input
  if (!startsOnFirstDownload || (validFrom !== null && validUntil !== null)) return []
  if (input.startsOnFirstDownload !== undefined) {
    return [[STARTS, [`This needs ${FROM} and ${TO}, which say how long the window is.`]]]
  }
  const why = `This is needed as long as ${STARTS} is true.`
  const cleared = [...(input.validFrom === null ? [FROM] : []), ...(input.validUntil === null ? [TO] : [])]
  return cleared.map((field) => [field, [why]])
}

/** Counters end at 2⁵³-1 bytes. */
function bandwidthMistakes(input: TokenInput, before: Before): Mistake[] {
  const { limitBandwidth = before.limitBandwidth, limitBandwidthUnit = before.limitBandwidthUnit } = input
  if (limitBandwidth === null || bytesOf(limitBandwidth, limitBandwidthUnit) !== undefined) return []
  const size = 1000 ** BANDWIDTH_UNITS.indexOf(limitBandwidthUnit)
  const most = Math.floor(Number.MAX_SAFE_INTEGER / size)
  const why = `At most ${most} ${limitBandwidthUnit} can be counted (${Number.MAX_SAFE_INTEGER} bytes).`
  if (input.limitBandwidth !== undefined) return [[BANDWIDTH, [why]]]
  return input.limitBandwidthUnit === undefined ? [] : [[UNIT, [why]]]
}

/** There must be a previous secret, or one that becomes it now; and it can end in the future or now. */
function previousMistakes(
  { secret, previousValidUntil }: TokenInput,
  before: Before,
  now: number,
): Mistake[] {
  if (previousValidUntil === undefined || previousValidUntil === null) return []
  const isReplaced = secret !== undefined && before.digest !== undefined
  if (before.previousDigest === null && !isReplaced) {
    return [[PREVIOUS, ['There is no previous secret; a refresh can keep one.']]]
  }
  const isPast = previousValidUntil <= now
  return isPast ? [[PREVIOUS, ['This must lie in the future; null ends the previous secret now.']]] : []
}
