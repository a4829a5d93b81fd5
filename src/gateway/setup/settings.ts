/** What the vendor said about setting up the clients of a repository. */
export interface SetupSettings {
  readonly key: KeySource | undefined
  /** Suite of a Debian repository. undefined: what the client's system is called, or `stable`, whichever there is. */
  readonly suite: string | undefined
  /** Components of the suite. undefined: those that its `Release` names. */
  readonly components: readonly string[] | undefined
  /** Below the repository, without slashes around it. undefined: as is usual for the format. */
  readonly path: string | undefined
  /** The signature of each `.rpm` is checked. */
  readonly signedPackages: boolean
}

/** Where the public key of the repository is. */
export type KeySource =
  /** In the storage. */
  | { readonly kind: 'path'; readonly path: string }
  /** On this machine. */
  | { readonly kind: 'file'; readonly name: string; readonly read: () => Promise<Buffer> }
