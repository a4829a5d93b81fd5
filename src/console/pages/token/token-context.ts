import type { TokenJson } from '../../api/types.ts'

/** A token as it was read, and what its parts need to change it. */
export interface OpenToken {
  readonly token: TokenJson
  /** The version that changes are meant for. */
  readonly tag: string | undefined
  /** Segments of the API's path of the token. */
  readonly path: readonly string[]
  /** Reads it again. */
  readonly reload: () => void
  /** May be changed by whoever is signed in: their role allows it, and their key covers all that the token opens. */
  readonly mayChange: boolean
  readonly maySeeSecret: boolean
}
