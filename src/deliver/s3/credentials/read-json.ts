import type { Credentials } from './contract.ts'

/**
 * Reads the document by which both metadata services give credentials: `AccessKeyId`, `SecretAccessKey`, `Token`, `Expiration`. Throws, with
 * nothing of it in the message. `name`: who gave it.
 */
export function readJsonCredentials(text: string, name: string): Credentials {
  const document = parse(text)
  const read = (key: string): string => {
    const value = document?.[key]
    if (typeof value === 'string' && value !== '') return value
    throw new Error(`no credentials for the storage: the answer of ${name} has no ${key}`)
  }
  return {
    accessKeyId: read('AccessKeyId'),
    secretAccessKey: read('SecretAccessKey'),
    sessionToken: read('Token'),
    expiresAt: readInstant(read('Expiration'), name),
  }
}

/** Epoch ms. */
export function readInstant(text: string, name: string): number {
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  throw new Error(`no credentials for the storage: the answer of ${name} does not tell when they expire`)
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
