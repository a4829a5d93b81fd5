import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { cleanEnvironment } from './processes.ts'

/** A certificate that vouches for itself, and its key, as files in PEM. */
export interface CertificatePair {
  readonly cert: string
  readonly key: string
}

/** Makes `NAME.pem` and `NAME.key` in a folder, for DNS names and the loopback address. */
export function makeCertificate(
  folder: string,
  name: string,
  names: readonly string[] = ['localhost'],
): CertificatePair {
  const pair = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
  const alternatives = [...names.map((each) => `DNS:${each}`), 'IP:127.0.0.1'].join(',')
  const made = spawnSync(
    'openssl',
    [
      'req -x509 -days 30 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'.split(' '),
      ['-keyout', pair.key, '-out', pair.cert, '-subj', `/CN=${names[0]}`],
      ['-addext', `subjectAltName=${alternatives}`],
    ].flat(),
    { env: cleanEnvironment(), encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`openssl made no certificate:\n${made.stderr}`)
  return pair
}

let shared: CertificatePair | undefined

/** The one that gates of this process of tests have, unless a test says otherwise. */
export function sharedCertificate(): CertificatePair {
  if (shared !== undefined) return shared
  const folder = mkdtempSync(join(tmpdir(), 'postern-certificate-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  shared = makeCertificate(folder, 'shared')
  return shared
}

export function sharedAuthority(): string {
  return readFileSync(sharedCertificate().cert, 'utf8')
}
