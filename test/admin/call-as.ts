import { randomInt } from 'node:crypto'
import { ulid } from 'ulid'
import { generateKey } from '../../src/policy/secret.ts'
import type { ApiKey } from '../../src/store/contract.ts'
import { FULL_KEY } from '../../src/store/stored-key.ts'
import type { Answered, Api } from './api.ts'

/** Somebody with a key of the management API. */
export interface Caller {
  readonly key: ApiKey
  /** The key itself. */
  readonly secret: string
  readonly call: (method: string, path: string, body?: unknown) => Promise<Answered>
}

/** Puts a key into the store, one that may do everything unless told otherwise, and calls the API with it. */
export async function callAs(api: Api, fields: Partial<ApiKey> = {}): Promise<Caller> {
  const secret = generateKey(randomInt)
  const id = ulid()
  const made = { ...FULL_KEY, id, name: 'Caller', digest: api.keeper.digest(secret), createdAt: 1 }
  const key = { ...made, ...fields }
  await api.store.keys.create(key)
  const call: Caller['call'] = (method, path, body) =>
    api.send(path, {
      method,
      headers: { 'X-Api-Key': secret, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  return { key, secret, call }
}
