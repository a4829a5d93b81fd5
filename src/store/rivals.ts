import { StoreError, type StoredToken } from './contract.ts'

type PutToken = (token: StoredToken, deletedAt: number | null) => Promise<void>

/**
 * Takes in tokens in any order. One whose secret another token of the repository has is put off: that other one may be about to give it up,
 * for a copy of a store that is used is of no single instant.
 */
export function createRivals(putOne: PutToken): {
  readonly put: PutToken
  /** Tries those again that were put off; gives the slug_perm of those that still have a rival. */
  readonly retry: () => Promise<readonly string[]>
} {
  const rivals = new Map<string, StoredToken>()
  const put: PutToken = async (token, deletedAt) => {
    rivals.delete(token.slugPerm)
    try {
      await putOne(token, deletedAt)
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'conflict')) throw error
      rivals.set(token.slugPerm, token)
    }
  }
  return {
    put,
    retry: async () => {
      // One that gets its place may free the place of another.
      for (let before = Infinity; rivals.size > 0 && rivals.size < before;) {
        before = rivals.size
        for (const token of Array.from(rivals.values())) await put(token, null)
      }
      return Array.from(rivals.keys())
    },
  }
}
