import { z } from 'zod'
import type { Places } from './places.ts'
import { bad, good, type Parsed } from './parsed.ts'
import { choice, flag, group, text, wrongType } from './schema-parts.ts'
import { readCertificate, type CertificateFiles } from './certificate.ts'
import type { TlsConfig } from './types.ts'

const MOST_CERTIFICATES = 1_000

/** TLS of a listener. The certificates are read here once, so that one that can't be used is a mistake of the file. */
export function tlsWith(places: Places): z.ZodOptional<z.ZodType<TlsConfig>> {
  return group({ ...common(places), http2: flag(true, 'Whether HTTP/2 is offered beside HTTP/1.1.') })
    .transform((given) => asTls(given, given.http2))
    .optional()
}

/** The same for the management side, which speaks HTTP/1.1 only. */
export function plainTls(places: Places): z.ZodOptional<z.ZodType<TlsConfig>> {
  return group(common(places))
    .transform((given) => asTls(given, false))
    .optional()
}

interface Given {
  readonly certificates: readonly CertificateFiles[]
  readonly min_version: TlsConfig['minVersion']
}

function asTls({ certificates, min_version: minVersion }: Given, http2: boolean): TlsConfig {
  return { certificates, minVersion, http2 }
}

function common(places: Places) {
  const file = (what: string, example: string) =>
    text((given) => resolveFile(given, places), example).meta({ description: what })
  const certificate = group({
    cert: file('PEM: the certificate, and behind it those that vouch for it.', '/etc/postern/fullchain.pem'),
    key: file('PEM: its key, without a passphrase.', '/etc/postern/privkey.pem'),
  }).transform((files, context): CertificateFiles => {
    const read = readCertificate(files)
    if (!read.ok) context.addIssue({ code: 'custom', message: `can't be used: ${read.why}` })
    return files
  })
  return {
    certificates: z
      .array(certificate, { error: wrongType('a list of {cert, key}') })
      .min(1, 'is empty; TLS needs a certificate')
      .max(MOST_CERTIFICATES, `must have at most ${MOST_CERTIFICATES} entries`)
      .meta({
        description: 'One for each name, or several; the first is for who names no host, or another one.',
      }),
    min_version: z
      .preprocess((given) => (typeof given === 'number' ? given.toFixed(1) : given), choice(VERSIONS))
      .prefault('1.2')
      .meta({ description: 'Oldest version that is spoken.', type: ['string', 'number'] }),
  }
}

const VERSIONS = ['1.2', '1.3'] as const

function resolveFile(given: string, places: Places): Parsed<string> {
  if (given === '' || /\p{C}/u.test(given))
    return bad('names no file; write a path like /etc/postern/fullchain.pem')
  return good(places.resolve(given))
}
