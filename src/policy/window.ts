import type { TokenRecord, Window } from './types.ts'

type Windowed = Pick<TokenRecord, 'validFrom' | 'validUntil' | 'startsOnFirstDownload' | 'firstDownloadAt'>

/**
 * The window of a token as it stands. One that starts with its first download is as long as its two dates are apart; until then it is open
 * from its first date on, without an end. Without both dates there is no length, and they count as they are.
 */
export function windowOf(token: Windowed): Window {
  const { validFrom, validUntil, firstDownloadAt } = token
  if (!startsLater(token) || validFrom === null || validUntil === null) {
    return { from: validFrom, until: validUntil }
  }
  if (firstDownloadAt === null) return { from: validFrom, until: null }
  return { from: firstDownloadAt, until: firstDownloadAt + (validUntil - validFrom) }
}

/** True while the first download is still to begin the window. */
export function awaitsFirstDownload(token: Windowed): boolean {
  return startsLater(token) && token.firstDownloadAt === null
}

function startsLater({ startsOnFirstDownload, validFrom, validUntil }: Windowed): boolean {
  return startsOnFirstDownload && validFrom !== null && validUntil !== null
}
