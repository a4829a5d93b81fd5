import type { Token } from '../policy/types.ts'
import type { SecretUse, TokenStore } from '../store/contract.ts'
import { startFlushing, type Flushing } from '../store/flushing.ts'

/**
 * Remembers which secret a token is used with while two of them work, and writes it within a second or so. What can't be written is noted
 * again by the next use.
 */
export interface SecretUses extends Flushing {
  readonly note: (token: Token, now: number) => void
}

export interface SecretUsesOptions {
  readonly tokens: Pick<TokenStore, 'noteUse'>
  readonly flushMs: number
  readonly onFailure: (error: unknown) => void
}

export function createSecretUses({ tokens, flushMs, onFailure }: SecretUsesOptions): SecretUses {
  let waiting = new Map<string, SecretUse>()
  const write = async (): Promise<void> => {
    if (waiting.size === 0) return
    const uses = [...waiting.values()]
    waiting = new Map()
    await tokens.noteUse(uses)
  }
  return {
    ...startFlushing({ flushMs, write, onFailure }),
    note: ({ record, secret: { digest } }, at) => {
      const { owner, repo, slugPerm, previousValidUntil } = record
      if (previousValidUntil === null || at >= previousValidUntil) return
      waiting.set(`${slugPerm} ${digest}`, { owner, repo, slugPerm, digest, at })
    },
  }
}
