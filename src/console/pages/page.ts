import type { ComponentType } from 'preact'
import type { Capability } from '../../policy/roles.ts'
import type { Params } from '../router/match.ts'

export interface PageProps {
  /** Of the page's path, decoded. */
  readonly params: Params
  readonly query: URLSearchParams
}

/** A page of the console. */
export interface Page {
  /** Below the console, with `:name` for what varies. */
  readonly path: string
  /** What the menu calls it. undefined: it is not in the menu. */
  readonly menu?: string
  /** What whoever opens it must be allowed; the page itself offers no more than they may do. */
  readonly needs?: Capability
  readonly view: ComponentType<PageProps>
}
