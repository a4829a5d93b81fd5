import { refused } from '../errors.ts'
import { createLosses, sortOut, type Findings, type FoundToken } from './findings.ts'

/** Schemes of crypt(3), Apache and nginx, by how they begin. */
const HASHES: readonly (readonly [name: string, form: RegExp])[] = [
  ['bcrypt', /^\$2[abxy]?\$/],
  ['Apache MD5 (apr1)', /^\$apr1\$/],
  ['SHA-1', /^\{S?SHA\}/i],
  ['MD5 crypt', /^\$1\$/],
  ['SHA-256 crypt', /^\$5\$/],
  ['SHA-512 crypt', /^\$6\$/],
  ['yescrypt', /^\$(?:y|7|gy)\$/],
  ['argon2', /^\$argon2/],
  ['unknown', /^\$[a-z0-9-]+\$/i],
  ['DES crypt, or a plain password of 13 letters (--plain says so)', /^[./0-9A-Za-z]{13}$/],
]
const PLAIN = /^\{PLAIN\}/i
const NO_PASSWORD = 'line without a password'

/**
 * Reads a file of `user:password` lines. Passwords in plain text become secrets, so that customers go on with what they have; a hash says
 * nothing of its password. `isPlain`: none is a hash.
 */
export function readHtpasswd(text: string, isPlain: boolean): Findings {
  const losses = createLosses()
  const found = text.split(/\r\n|\n|\r/).flatMap((line, index): readonly FoundToken[] => {
    if (line.trim() === '' || line.startsWith('#')) return []
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim()
    if (colon === -1 || name === '') throw refused(`Line ${index + 1} is not like user:password.`)
    const password = line.slice(colon + 1).trimEnd()
    return [{ row: { name }, secret: readPassword(password, isPlain) }]
  })
  return sortOut(found, losses)
}

function readPassword(password: string, isPlain: boolean): FoundToken['secret'] {
  if (password === '') return { lost: NO_PASSWORD }
  if (PLAIN.test(password)) return password.replace(PLAIN, '')
  const scheme = isPlain ? undefined : HASHES.find(([, form]) => form.test(password))?.[0]
  return scheme === undefined ? password : { lost: `password that is a hash (${scheme}): nobody can tell it` }
}
