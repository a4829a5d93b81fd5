/** Where a link of a page leads for the client; undefined for one that leads to no file, or to none that the client may fetch. */
export type RewriteLink = (link: string) => string | undefined

/** A page as the client gets it, and how many files it names. */
export interface RewrittenPage {
  readonly content: Buffer
  readonly files: number
}
