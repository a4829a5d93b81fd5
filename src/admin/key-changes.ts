import { generateKey } from '../policy/secret.ts'
import type { ApiKey, KeyChange } from '../store/contract.ts'
import { FULL_KEY } from '../store/stored-key.ts'
import { NO_CONTENT, type Answer } from './answer.ts'
import type { Expected } from './edits.ts'
import { invalid } from './errors.ts'
import { checkKeyChange, checkKeyCreation } from './key-fields.ts'
import { answerKey } from './key-output.ts'
import { refuseManaging, refuseRights } from './key-rights.ts'
import { noteOf } from './note.ts'
import type { AdminOptions } from './options.ts'
import type { Call } from './routes.ts'

/** Makes a key and shows it, this once. */
export async function createKey(options: AdminOptions, call: Call): Promise<Answer> {
  const now = options.clock()
  const checked = checkKeyCreation(call.body, now)
  if (!checked.ok) return invalid(checked.errors)
  const { name, role, repositories, expires_at: expiresAt } = checked.input
  const refusal = refuseRights(call.principal, { role, repositories, expiresAt })
  if (refusal !== undefined) return refusal
  const secret = generateKey(options.randomInt)
  const key: ApiKey = {
    ...FULL_KEY,
    id: options.newId(),
    name,
    digest: options.keeper.digest(secret),
    role,
    repositories,
    expiresAt,
    createdAt: now,
    createdBy: call.actor.name,
  }
  await options.store.keys.create(key, noteOf(options, call, 'api_key.created'))
  return answerKey(options, call, key, { status: 201, secret })
}

/** Changes what the body names. The role stays: who needs another, makes another key. */
export async function patchKey(
  options: AdminOptions,
  call: Call,
  key: ApiKey,
  isExpected: Expected<ApiKey>,
): Promise<Answer> {
  const now = options.clock()
  const checked = checkKeyChange(call.body, now)
  if (!checked.ok) return invalid(checked.errors)
  const { name, repositories, expires_at: expiresAt } = checked.input
  const fields = {
    ...(name === undefined ? {} : { name }),
    ...(repositories === undefined ? {} : { repositories }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
  const { principal } = call
  const ended = repositories !== undefined || expiresAt !== undefined
  const refusal = refuseManaging(principal, key, { ended }) ?? refuseRights(principal, { ...key, ...fields })
  if (refusal !== undefined) return refusal
  if (Object.keys(fields).length === 0) return answerKey(options, call, key)
  const after = await update(options, call, { key, isExpected }, fields)
  return after === undefined ? revoked() : answerKey(options, call, after)
}

/** Gives the key another secret and shows it, this once. The old one stops working at once. */
export async function rotateKey(
  options: AdminOptions,
  call: Call,
  key: ApiKey,
  isExpected: Expected<ApiKey>,
): Promise<Answer> {
  const refusal = refuseManaging(call.principal, key, { ended: false })
  if (refusal !== undefined) return refusal
  const secret = generateKey(options.randomInt)
  const digest = options.keeper.digest(secret)
  const after = await update(options, call, { key, isExpected }, { digest })
  return after === undefined ? revoked() : answerKey(options, call, after, { secret })
}

/** Ends a key for good. The record stays; ending it once more changes nothing. */
export async function revokeKey(
  options: AdminOptions,
  call: Call,
  key: ApiKey,
  isExpected: Expected<ApiKey>,
): Promise<Answer> {
  const refusal = refuseManaging(call.principal, key, { ended: true })
  if (refusal !== undefined) return refusal
  const note = noteOf(options, call, 'api_key.revoked')
  await options.store.keys.revoke(key.id, note.at, call.actor.name, note, isExpected)
  return NO_CONTENT
}

function update(
  options: AdminOptions,
  call: Call,
  { key, isExpected }: { readonly key: ApiKey; readonly isExpected: Expected<ApiKey> },
  fields: Omit<KeyChange, 'updatedAt' | 'updatedBy'>,
): Promise<ApiKey | undefined> {
  const note = noteOf(options, call, 'api_key.updated')
  const change = { ...fields, updatedAt: note.at, updatedBy: call.actor.name }
  return options.store.keys.update(key.id, change, note, isExpected)
}

function revoked(): Answer {
  return invalid(new Map([['non_field_errors', ['The key is revoked, and can’t be changed.']]]))
}
