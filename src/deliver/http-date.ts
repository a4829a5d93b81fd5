const WITH_ZONE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*, \d\d[ -][A-Z][a-z]{2}[ -](?:\d\d){1,2} \d\d:\d\d:\d\d GMT$/
const ASCTIME = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/

/** Epoch seconds. The three forms of RFC 9110 §5.6.7 and nothing else: `Date.parse` finds a date in any text with a number in it. */
export function readHttpDate(date: string | undefined): number | undefined {
  if (date === undefined) return undefined
  const text = ASCTIME.test(date) ? `${date} GMT` : date
  const parsed = ASCTIME.test(date) || WITH_ZONE.test(date) ? Date.parse(text) : Number.NaN
  return Number.isNaN(parsed) ? undefined : Math.floor(parsed / 1000)
}
