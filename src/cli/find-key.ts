import type { ApiClient } from './api-client.ts'
import { readKey, type ApiKey } from './api-key.ts'
import { refused } from './errors.ts'
import { ambiguous, readAllPages } from './lists.ts'
import { clean } from './text.ts'

const ID = /^[A-Za-z0-9_-]{1,64}$/

/** Where the API has the keys. */
export function keyPath(...rest: readonly string[]): readonly string[] {
  return ['keys', ...rest]
}

/** The key that `name` names: by its id, else by its name, if no other that works has it too. @throws CliError. */
export async function findKey(api: ApiClient, name: string): Promise<ApiKey> {
  const found = ID.test(name) ? await readById(api, name) : undefined
  if (found !== undefined) return found
  const named = (await listAllKeys(api, { active: true }))
    .map(readKey)
    .filter((key) => key.name === clean(name))
  const [key, ...others] = named
  if (key === undefined) {
    throw refused(
      `There is no key with the id "${clean(name)}", and none that works with this name. See postern keys list.`,
    )
  }
  if (others.length === 0) return key
  throw ambiguous(
    'keys',
    name,
    named.map(({ id }) => id),
  )
}

async function readById(api: ApiClient, id: string): Promise<ApiKey | undefined> {
  const { body, isMissing } = await api({ method: 'GET', path: keyPath(id), mayBeMissing: true })
  return isMissing ? undefined : readKey(body)
}

/** All keys as the API gives them. */
export function listAllKeys(api: ApiClient, query: { readonly active?: true }): Promise<unknown[]> {
  return readAllPages(api, { path: keyPath(), query })
}
