import type { ChangeFeed } from './changes.ts'
import type { Commands } from './commands.ts'
import type { Keys } from './keys.ts'
import type { Scripts } from './scripts.ts'

/** What the tokens of a Redis store are made of. */
export interface TokensOptions {
  readonly commands: Commands
  readonly scripts: Pick<
    Scripts,
    'changeToken' | 'changeTokens' | 'findBatch' | 'findTokens' | 'listTokens' | 'syncTokens'
  >
  readonly keys: Keys
  readonly feed: Pick<ChangeFeed, 'watch' | 'tellOwn'>
  readonly processId: string
}
