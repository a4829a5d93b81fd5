import type { Target } from '../request/target.ts'

/** Gives the URL under which the client reaches the repository of `target`, with a slash at its end. Secret when the path is. */
export type BaseUrl = (target: Target, host: string | undefined) => string

export interface BaseUrlOptions {
  /** Without a slash at its end. */
  readonly publicUrl: string
  /** Nobody said how customers reach the gate: the host that they name is then as good as any. */
  readonly isGuessed: boolean
  /** Host names, lower case and without port, that have their own meaning. */
  readonly hosts: ReadonlyMap<string, string>
}

const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/**
 * Makes the writer of URLs into the gate. The Host header is believed only where nothing better is known or where it chose the
 * repository; what comes of it is shown to nobody but the client that sent it.
 */
export function createBaseUrl({ publicUrl, isGuessed, hosts }: BaseUrlOptions): BaseUrl {
  const scheme = publicUrl.slice(0, publicUrl.indexOf(':'))
  return ({ prefix }, host) => {
    if (host === undefined || !HOST.test(host)) return publicUrl + prefix
    const isMapped = hosts.has(host.toLowerCase().replace(/:\d+$/, ''))
    return isGuessed || isMapped ? `${scheme}://${host}${prefix}` : publicUrl + prefix
  }
}
