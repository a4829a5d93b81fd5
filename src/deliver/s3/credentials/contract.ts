/** What requests are signed with. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** undefined for keys that somebody made by hand. */
  readonly sessionToken: string | undefined
  /** Epoch ms. undefined: never. */
  readonly expiresAt: number | undefined
}

/** Gives credentials of now. */
export interface CredentialProvider {
  /** Without a promise when they are here. Rejects when there are none that are valid. */
  readonly current: () => Credentials | Promise<Credentials>
  /** The storage said that `refused` have expired: the next ones are others, if there are others. */
  readonly renew: (refused: Credentials) => void
}

/** Fetches credentials once. Rejects with an Error that tells the operator what to do, and holds no secret. */
export type FetchCredentials = () => Promise<Credentials>
