import { timingSafeEqual } from 'node:crypto'

/** Whose form it is, and for what. */
interface Form {
  /** slug_perm. */
  readonly token: string
  /** `owner/repo`. */
  readonly place: string
  readonly revision: number
}

/** Marks forms that the gate itself wrote: another site can make a browser send one, but can not know this. */
export interface Nonces {
  readonly write: (form: Form, now: number) => string
  /** True for half a day at least, in every process. */
  readonly isFresh: (nonce: string, form: Form, now: number) => boolean
}

const HALF_DAY_MS = 12 * 3_600_000

/** `digest` is keyed. A secret has no spaces: nothing here can pass for the digest of one. */
export function createNonces(digest: (text: string) => string): Nonces {
  const ofPeriod = ({ token, place, revision }: Form, period: number): string =>
    digest(`eula ${token} ${place} ${revision} ${period}`)
  return {
    write: (form, now) => ofPeriod(form, Math.floor(now / HALF_DAY_MS)),
    isFresh: (nonce, form, now) => {
      const period = Math.floor(now / HALF_DAY_MS)
      return [period, period - 1].some((each) => isSame(nonce, ofPeriod(form, each)))
    },
  }
}

function isSame(given: string, own: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(own)]
  return one.length === other.length && timingSafeEqual(one, other)
}
