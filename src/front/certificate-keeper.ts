import { statSync } from 'node:fs'
import type { SecureVersion } from 'node:tls'
import { createCertificateSet, type Certificate, type CertificateSet } from './certificates.ts'
import { secureWith } from './tls.ts'

/** Absolute paths of PEM files. */
interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

type Read =
  | { readonly ok: false; readonly why: string }
  | {
      readonly ok: true
      readonly value: Omit<Certificate, 'context' | 'options'> & {
        readonly cert: Buffer
        readonly key: Buffer
      }
    }

export interface KeeperOptions {
  readonly files: readonly CertificateFiles[]
  readonly minVersion: SecureVersion
  /** Reads two files, and judges whether they fit together. */
  readonly read: (files: CertificateFiles) => Read
  /** Epoch ms. */
  readonly clock: () => number
  readonly onReplaced: (label: string, notAfter: number) => void
  /** What lies there now can't be used; what was there before still is. */
  readonly onFailure: (label: string, why: string) => void
  /** Between two looks at the files. */
  readonly lookMs: number
}

/** How a certificate stands. */
export interface CertificateFigure {
  readonly label: string
  readonly notAfter: number
  /** Its files hold something else by now, which can't be used. */
  readonly isStale: boolean
}

/** The certificates in use, which follow their files. */
export interface CertificateKeeper {
  readonly current: () => CertificateSet
  /** Serves these files from now on, and reads all of them anew. One that can't be read stays as it was; a new one is left out. */
  readonly use: (files: readonly CertificateFiles[]) => void
  readonly figures: () => readonly CertificateFigure[]
  /** Looks at the files now and then, from now on. */
  readonly watch: () => void
  readonly stop: () => void
}

interface Loaded {
  readonly certificate: Certificate
  readonly cert: Buffer
  readonly key: Buffer
}

interface Kept extends Loaded {
  readonly files: CertificateFiles
  /** What the files looked like when they were read last. */
  readonly seen: string
  /** What they looked like a moment ago: while they change, they are left alone. */
  readonly latest: string
  readonly isStale: boolean
}

/**
 * Keeps certificates like their files, which are looked at, not listened to: folders that a container's volumes swap by a link, and network
 * file systems, tell nothing to who listens. @throws Error that says what is wrong with the first certificate that can't be used.
 */
export function createCertificateKeeper(options: KeeperOptions): CertificateKeeper {
  const { onFailure } = options
  let timer: NodeJS.Timeout | undefined

  const begin = (files: CertificateFiles): Kept | string => {
    const seen = markOf(files)
    const loaded = load(files, options)
    return typeof loaded === 'string' ? loaded : { ...loaded, files, seen, latest: seen, isStale: false }
  }
  let all = options.files.map((files) => {
    const kept = begin(files)
    if (typeof kept === 'string') throw new Error(`A certificate can't be used: ${kept}`)
    return kept
  })
  let set = asSet(all)
  const take = (next: readonly Kept[]): void => {
    all = [...next]
    set = asSet(next)
  }
  const look = (kept: Kept): Kept => {
    const mark = markOf(kept.files)
    if (mark === kept.seen || mark !== kept.latest) return { ...kept, latest: mark }
    return replace(kept, mark, options)
  }
  return {
    current: () => set,
    use: (files) => {
      const known = new Map(all.map((kept) => [nameOf(kept.files), kept]))
      const next = files.flatMap((each): Kept[] => {
        const before = known.get(nameOf(each))
        if (before !== undefined) return [replace(before, markOf(each), options)]
        const kept = begin(each)
        if (typeof kept !== 'string') return [kept]
        onFailure(each.cert, kept)
        return []
      })
      if (next.length > 0) take(next)
    },
    figures: () => all.map(({ certificate: { label, notAfter }, isStale }) => ({ label, notAfter, isStale })),
    watch: () => {
      timer ??= setInterval(() => take(all.map(look)), options.lookMs).unref()
    },
    stop: () => clearInterval(timer),
  }
}

/** A string says what is wrong. */
function load(files: CertificateFiles, { read, minVersion }: KeeperOptions): Loaded | string {
  const found = read(files)
  if (!found.ok) return found.why
  const { cert, key, ...described } = found.value
  try {
    return { certificate: { ...described, ...secureWith(cert, key, minVersion) }, cert, key }
  } catch (error) {
    return `${files.cert}: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Of a certificate that is in use, one that is over already is no better version. */
function replace(before: Kept, mark: string, options: KeeperOptions): Kept {
  const { clock, onFailure, onReplaced } = options
  const marked = { ...before, seen: mark, latest: mark }
  const next = load(before.files, options)
  const why = typeof next === 'string' ? next : whyNotUsed(next, before, clock())
  if (typeof next === 'string' || why !== undefined) {
    onFailure(before.certificate.label, why ?? '')
    return { ...marked, isStale: true }
  }
  const isSame = next.cert.equals(before.cert) && next.key.equals(before.key)
  if (isSame) return { ...marked, isStale: false }
  onReplaced(next.certificate.label, next.certificate.notAfter)
  return { ...marked, ...next, isStale: false }
}

function whyNotUsed({ certificate, cert }: Loaded, before: Kept, now: number): string | undefined {
  const isOver = certificate.notAfter <= now && !cert.equals(before.cert)
  return isOver ? `the certificate in ${before.files.cert} has expired` : undefined
}

function asSet(all: readonly Kept[]): CertificateSet {
  const [first, ...others] = all.map(({ certificate }) => certificate)
  if (first === undefined) throw new Error('TLS needs a certificate')
  return createCertificateSet(first, others)
}

function nameOf({ cert, key }: CertificateFiles): string {
  return `${cert}\0${key}`
}

/** What a change of either file changes. */
function markOf({ cert, key }: CertificateFiles): string {
  return [cert, key].map(markOfFile).join(' ')
}

function markOfFile(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file)
    return `${ino}:${size}:${mtimeMs}`
  } catch {
    return 'none'
  }
}
