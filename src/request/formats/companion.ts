import type { Find } from './contract.ts'
import { cutLast } from './cut.ts'

/** A small file that lies beside another and vouches for it: `tool.tar.gz.asc`. */
export interface Companion {
  readonly kind: 'signature' | 'checksum'
  /** Path or file name of the other file. */
  readonly base: string
}

const SUFFIXES: ReadonlyMap<string, Companion['kind']> = new Map([
  ['asc', 'signature'],
  ['sig', 'signature'],
  ['minisig', 'signature'],
  ['md5', 'checksum'],
  ['sha1', 'checksum'],
  ['sha224', 'checksum'],
  ['sha256', 'checksum'],
  ['sha384', 'checksum'],
  ['sha512', 'checksum'],
  ['md5sum', 'checksum'],
  ['sha1sum', 'checksum'],
  ['sha256sum', 'checksum'],
  ['sha512sum', 'checksum'],
])

/** Splits the suffix of a companion off; undefined when there is none, or nothing before it. */
export function companionOf(path: string): Companion | undefined {
  const [base, suffix] = cutLast(path, '.')
  const kind = SUFFIXES.get(suffix)
  return kind === undefined || base === '' || base.endsWith('/') ? undefined : { kind, base }
}

/**
 * Lets `find` also recognize what lies beside the files it knows: the same package, but free. Beside a file that it does not know
 * nothing is recognized, unless `find` knows the name as a whole, such as `key.asc`.
 */
export function withCompanions(find: Find): Find {
  return (path, filename) => {
    const companion = companionOf(filename)
    if (companion === undefined) return find(path, filename)
    const { kind, base } = companion
    const finding = find(path.slice(0, path.length - filename.length + base.length), base)
    return finding === undefined ? find(path, filename) : { ...finding, kind }
  }
}

/** Ends of files that hold a package in some format. */
const PACKAGE_ENDS =
  /\.(?:[ud]?deb|dsc|changes|d?rpm|apk|whl|egg|jar|war|tgz|zip|diff\.gz|tar(?:\.[a-z0-9]+)?)$/i

/** True for names that look like a package file in any case, also when they can't be taken apart. */
export function looksLikePackage(filename: string): boolean {
  return PACKAGE_ENDS.test(filename)
}

const KEY = /^(?:[A-Za-z0-9][A-Za-z0-9._+@-]*\.(?:asc|gpg|pgp|key|pub)|RPM-GPG-KEY[A-Za-z0-9._+-]*)$/

/** True for the public keys of a repository of packages: `key.asc`, `acme-archive-keyring.gpg`, `RPM-GPG-KEY-acme`. */
export function isKeyFile(filename: string): boolean {
  const [stem] = cutLast(filename, '.')
  return KEY.test(filename) && !looksLikePackage(filename) && !looksLikePackage(stem)
}
