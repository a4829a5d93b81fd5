import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import { bad, good, type Parsed } from './parsed.ts'

/** Absolute paths of PEM files: the certificate with those that vouch for it behind it, and its key. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

/** What was read of two files, found to fit together. */
export interface ReadCertificate {
  readonly label: string
  readonly names: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
  readonly context: SecureContext
  readonly cert: Buffer
  readonly key: Buffer
}

const NAME = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/
/** Of a file that is no certificate by its size. */
const LONGEST_BYTES = 1024 * 1024

/** Reads a certificate and its key. Never throws; no message holds anything of the key. */
export function readCertificate({ cert: certFile, key: keyFile }: CertificateFiles): Parsed<ReadCertificate> {
  const cert = readPem(certFile)
  if (!cert.ok) return cert
  const key = readPem(keyFile)
  if (!key.ok) return key
  const parsed = parseCertificate(cert.value)
  if (parsed === undefined) return bad(`${certFile} holds no certificate in PEM`)
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(key.value.toString('latin1')))
    return bad(`${keyFile} is encrypted; store the key without a passphrase, readable by this user only`)
  const context = createContext(cert.value, key.value)
  if (context === undefined)
    return bad(`${keyFile} holds no key in PEM that belongs to the certificate in ${certFile}`)
  const names = namesOf(parsed)
  return good({
    label: names[0] ?? basename(certFile),
    names,
    notBefore: parsed.validFromDate.getTime(),
    notAfter: parsed.validToDate.getTime(),
    context,
    cert: cert.value,
    key: key.value,
  })
}

function readPem(file: string): Parsed<Buffer> {
  try {
    const content = readFileSync(file)
    return content.length > LONGEST_BYTES ? bad(`${file} is too large for a PEM file`) : good(content)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'this user may not read it' : code
    return bad(`${file} can't be read: ${why}`)
  }
}

function parseCertificate(pem: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

function createContext(cert: Buffer, key: Buffer): SecureContext | undefined {
  try {
    return createSecureContext({ cert, key })
  } catch {
    return undefined
  }
}

/** Only subject alternative names count (RFC 6125 §6.4.4); odd ones are written in quotes, and are none. */
function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  const entries = subjectAltName.split(', ').filter((entry) => entry.startsWith('DNS:'))
  return entries.map((entry) => entry.slice('DNS:'.length).toLowerCase()).filter((name) => NAME.test(name))
}
