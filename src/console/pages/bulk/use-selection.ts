import { useEffect, useState } from 'preact/hooks'
import type { TokenJson } from '../../api/types.ts'

/** Tokens that were picked from a list, over all its pages. */
export interface Selection {
  readonly tokens: readonly TokenJson[]
  readonly has: (token: TokenJson) => boolean
  /** Picks tokens, or puts them back. */
  readonly set: (tokens: readonly TokenJson[], isPicked: boolean) => void
  readonly clear: () => void
}

/** Begins anew with another `key`: nobody should change what they no longer see. */
export function useSelection(key: string): Selection {
  const [picked, setPicked] = useState<ReadonlyMap<string, TokenJson>>(new Map())
  const clear = (): void => setPicked(new Map())
  useEffect(clear, [key])
  return {
    tokens: [...picked.values()],
    has: ({ slug_perm: id }) => picked.has(id),
    set: (tokens, isPicked) =>
      setPicked((old) => {
        const next = new Map(old)
        for (const token of tokens) {
          if (isPicked) next.set(token.slug_perm, token)
          else next.delete(token.slug_perm)
        }
        return next
      }),
    clear,
  }
}
