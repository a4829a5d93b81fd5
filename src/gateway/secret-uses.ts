import type { Token } from '../policy/types.ts'
import type { SecretUse, TokenStore } from '../store/contract.ts'

/** Remembers which secret a token is used with while two of them work, and writes it within a second or so. */
export interface SecretUses {
  readonly note: (token: Token, now: number) => void
  /** Writes what is waiting. What can't be written is noted again by the next use. */
  readonly flush: () => Promise<void>
  /** Stops the timer and writes the rest; resolves also when that fails. */
  readonly close: () => Promise<void>
}

export interface SecretUsesOptions {
  readonly tokens: Pick<TokenStore, 'noteUse'>
  readonly flushMs: number
  readonly onFailure: (error: unknown) => void
}

export function createSecretUses({ tokens, flushMs, onFailure }: SecretUsesOptions): SecretUses {
  let waiting = new Map<string, SecretUse>()
  const flush = async (): Promise<void> => {
    if (waiting.size === 0) return
    const uses = [...waiting.values()]
    waiting = new Map()
    try {
      await tokens.noteUse(uses)
    } catch (error) {
      onFailure(error)
    }
  }
  const timer = setInterval(() => void flush(), flushMs).unref()
  return {
    note: ({ record, secret: { digest } }, at) => {
      const { owner, repo, slugPerm, previousValidUntil } = record
      if (previousValidUntil === null || at >= previousValidUntil) return
      waiting.set(`${slugPerm} ${digest}`, { owner, repo, slugPerm, digest, at })
    },
    flush,
    close: () => {
      clearInterval(timer)
      return flush()
    },
  }
}
