import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'

/** Digests and seals secrets under the server's key. The key itself never leaves. */
export interface SecretKeeper {
  /** HMAC-SHA-256, base64url: what a secret is looked up by. Fast on purpose, so that a flood of bad ones is harmless. */
  readonly digest: (secret: string) => string
  /** AES-256-GCM; the same secret gives another text each time. */
  readonly seal: (secret: string) => string
  /** @throws when the text was sealed with another key or altered. */
  readonly unseal: (sealed: string) => string
  /** HMAC-SHA-256 under a key of its own, base64url: proves that a text was written here. */
  readonly sign: (text: string) => string
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Makes a keeper from the server's key (any text of 32 bytes or more). Separate keys for digests, sealing and signing are derived from
 * it (HKDF, RFC 5869). `randomBytes` makes the nonces. What was sealed for another purpose can't be unsealed.
 */
export function createSecretKeeper(
  serverKey: string,
  randomBytes: (length: number) => Buffer,
  purpose = 'postern',
): SecretKeeper {
  const digestKey = derive(serverKey, `${purpose} digest v1`)
  const sealKey = derive(serverKey, `${purpose} seal v1`)
  const signKey = derive(serverKey, `${purpose} sign v1`)
  return {
    digest: (secret) => createHmac('sha256', digestKey).update(secret).digest('base64url'),
    seal: (secret) => seal(sealKey, secret, randomBytes(NONCE_BYTES)),
    unseal: (sealed) => unseal(sealKey, sealed),
    sign: (text) => createHmac('sha256', signKey).update(text).digest('base64url'),
  }
}

function derive(serverKey: string, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', serverKey, '', purpose, 32)))
}

function seal(key: KeyObject, secret: string, nonce: Buffer): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')
}

function unseal(key: KeyObject, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
  return Buffer.concat([text, decipher.final()]).toString('utf8')
}
