import type { StoredToken, TokenPlace } from '../contract.ts'
import { STORED_TOKEN_DEFAULTS } from '../stored-token.ts'

/** Among the names of a repository. Sorts as it is listed: bytes of UTF-8 are in the order of code points. */
export function placeOf({ name, slugPerm }: TokenPlace): string {
  return `${name}\0${slugPerm}`
}

/** A record's token; what an older version did not write is filled in. */
export function parseToken(text: string): StoredToken {
  return { ...STORED_TOKEN_DEFAULTS, ...(JSON.parse(text) as StoredToken) }
}
