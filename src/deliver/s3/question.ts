import { readHttpDate } from '../http-date.ts'
import type { DeliveryOrder } from '../contract.ts'

type Headers = DeliveryOrder['headers']

const PASSED = ['accept-encoding', 'range', 'user-agent'] as const
const ONE_TAG = /^(W\/)?("[^"]*")$/

/**
 * What S3 is asked of the headers that count for an order: a range, and of the conditions those that every S3 reads alike: one tag, or a
 * date where there is no tag. What it is not asked, or reads otherwise, is judged when its answer has come. It never hears of If-Range,
 * which S3 does not promise to know.
 */
export function questionHeaders(headers: Headers): Record<string, string> {
  const question: Record<string, string> = {}
  for (const name of PASSED) {
    const value = headers[name]
    if (value !== undefined) question[name] = value
  }
  return Object.assign(
    question,
    condition(headers, 'if-match', 'if-unmodified-since', false),
    condition(headers, 'if-none-match', 'if-modified-since', true),
  )
}

/** The same without the range. */
export function wholeQuestion(headers: Headers): Record<string, string> {
  const { range: _range, ...others } = questionHeaders(headers)
  return others
}

function condition(
  headers: Headers,
  tagName: string,
  dateName: string,
  isWeakGood: boolean,
): Record<string, string> {
  const [tags, date] = [headers[tagName], headers[dateName]]
  if (tags !== undefined) {
    const [, weak, tag] = ONE_TAG.exec(tags.trim()) ?? []
    return tag === undefined || (weak !== undefined && !isWeakGood) ? {} : { [tagName]: tag }
  }
  return date === undefined || readHttpDate(date) === undefined ? {} : { [dateName]: date }
}
