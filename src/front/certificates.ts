import type { SecureContext, SecureContextOptions } from 'node:tls'

/** A certificate that can be used. */
export interface Certificate {
  /** What it is called where people see it: its first name, or that of its file. */
  readonly label: string
  /** DNS names that it is for, lower case; `*.example.com` stands for one label. */
  readonly names: readonly string[]
  /** Epoch ms. */
  readonly notAfter: number
  readonly context: SecureContext
  /** What `context` was made of. */
  readonly options: SecureContextOptions
}

/** Finds the certificate for the name that a client asked for (SNI): by its whole name, else by a wildcard, else the first one. */
export interface CertificateSet {
  readonly first: Certificate
  readonly find: (serverName: string) => Certificate
}

/** Where two are for one name, the earlier one counts. */
export function createCertificateSet(first: Certificate, others: readonly Certificate[]): CertificateSet {
  const byName = new Map<string, Certificate>()
  for (const certificate of [first, ...others]) {
    for (const name of certificate.names) if (!byName.has(name)) byName.set(name, certificate)
  }
  return {
    first,
    find: (serverName) => {
      const name = serverName.toLowerCase().replace(/\.$/, '')
      const parent = name.indexOf('.')
      // RFC 6125 §6.4.3: the asterisk is one whole label, the leftmost.
      const wildcard = parent === -1 ? undefined : byName.get(`*${name.slice(parent)}`)
      return byName.get(name) ?? wildcard ?? first
    },
  }
}
