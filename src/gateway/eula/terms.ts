import type { Eula } from '../../policy/eula.ts'

/** A license agreement with its words; one of `text` and `url` is there. */
export interface Terms extends Eula {
  readonly text: string | undefined
  /** Where they can be read. */
  readonly url: string | undefined
}

/** Below a repository: where it is accepted. What the storage has there is read as always; only a POST comes here. */
export const ACCEPTANCE_PATH = 'eula'
