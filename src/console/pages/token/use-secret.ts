import type { TokenJson } from '../../api/types.ts'
import { useSession } from '../../session/context.ts'

/** Reads a token's secret, which pages do not have until somebody wants it. */
export function useSecret(path: readonly string[]): () => Promise<string> {
  const { api } = useSession()
  return async () => {
    const { body } = await api({ path, query: { show_tokens: 'true' } })
    return (body as TokenJson).token
  }
}
