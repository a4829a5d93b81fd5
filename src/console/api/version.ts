import type { Api } from './client.ts'

/** Something as it was read, and which version of it that is. */
export interface Version<Item> {
  readonly item: Item
  /** Changes are meant for it. */
  readonly tag: string | undefined
}

export async function readVersion<Item>(
  api: Api,
  path: readonly string[],
  signal?: AbortSignal,
): Promise<Version<Item>> {
  const { body, headers } = await api({ path, ...(signal === undefined ? {} : { signal }) })
  return { item: body as Item, tag: headers.get('ETag') ?? undefined }
}
