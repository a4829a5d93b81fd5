import type { Api } from '../../api/client.ts'
import type { TokenJson } from '../../api/types.ts'

/** A token, and which version of it that is. */
export interface TokenVersion {
  readonly token: TokenJson
  /** Changes are meant for it. */
  readonly tag: string | undefined
}

export async function readVersion(
  api: Api,
  path: readonly string[],
  signal?: AbortSignal,
): Promise<TokenVersion> {
  const { body, headers } = await api({ path, ...(signal === undefined ? {} : { signal }) })
  return { token: body as TokenJson, tag: headers.get('ETag') ?? undefined }
}
