import type { Repository } from '../policy/types.ts'
import type { Deliverer } from '../deliver/contract.ts'
import type { ListFiles } from '../deliver/list-files.ts'
import type { FormatRules, Recognizer } from '../request/formats/contract.ts'
import type { BaseUrl } from './base-url.ts'
import type { Terms } from './eula/terms.ts'
import type { Brand, PageSettings } from './page/settings.ts'
import type { SetupSettings } from './setup/settings.ts'
import type { TargetRules } from '../request/target.ts'

/** A repository with what it takes to serve it. */
export interface Served {
  readonly repository: Repository
  /** Those of its format. */
  readonly rules: FormatRules
  /** As the rules do, quicker for paths that were asked for before. */
  readonly recognize: Recognizer
  readonly deliverer: Deliverer
  /** While the store is away, tokens that are remembered are served, and charged by this process alone. */
  readonly servesCached: boolean
  readonly setup: SetupSettings
  /** The page about it, for customers. */
  readonly about: PageSettings
  /** What has to be accepted before anything of it is delivered; undefined: nothing. */
  readonly terms: Terms | undefined
  /** Names what is in its storage; undefined: the storage can't. */
  readonly listFiles: ListFiles | undefined
  /**
   * Where the nginx in front has the files of the storage, for itself alone: a path that begins and ends in a slash. undefined: the gate sends
   * them.
   */
  readonly accel?: string | undefined
}

/** All that a reload of the configuration replaces, at once: a request sees the old or the new, never a mixture. */
export interface Routes {
  /** By `owner/repo`. */
  readonly repositories: ReadonlyMap<string, Served>
  readonly targetRules: TargetRules
  readonly baseUrl: BaseUrl
  /** What a page looks like that is about no repository. */
  readonly brand: Brand
}
