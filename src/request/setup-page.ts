import type { Artifact, Format } from '../policy/types.ts'
import { cutLast } from './formats/cut.ts'

/** Formats whose clients are set up by a script. */
export type SetupFormat = Extract<Format, 'deb' | 'rpm' | 'alpine'>

/** What the gate itself has to say about setting up clients, at Cloudsmith's paths below a repository. */
export interface SetupPage {
  /**
   * `script`: sets a machine up. `config`: what the script puts into the client's configuration. `key`: the public key of the repository.
   */
  readonly kind: 'script' | 'config' | 'key'
  readonly format: SetupFormat
  /** The 16 hexadecimal digits by which a certain key is asked for, in upper case. */
  readonly keyId?: string
}

const TEXT =
  /^(?:(?<script>setup|cfg\/setup\/bash)\.(?<of>deb|rpm|alpine)\.sh|(?:cfg\/setup\/)?config\.(?<for>deb|rpm|alpine)\.txt)$/
const GPG_KEY = /^(?:cfg\/gpg\/)?gpg(?:\.([0-9A-Fa-f]{16}))?\.key$/
const RSA_KEY = /^(?:cfg\/rsa\/)?rsa(?:\.([0-9A-Fa-f]{16}))?\.key$/

/** The page that a canonical path of a repository asks for; undefined: it is a file of the storage, like any other. */
export function findSetupPage(format: Format, path: string): SetupPage | undefined {
  if (!isSetUp(format)) return undefined
  const key = (format === 'alpine' ? RSA_KEY : GPG_KEY).exec(path)
  if (key !== null)
    return { kind: 'key', format, ...(key[1] === undefined ? {} : { keyId: key[1].toUpperCase() }) }
  const text = TEXT.exec(path)?.groups
  if (text === undefined || (text['of'] ?? text['for']) !== format) return undefined
  return { kind: text['script'] === undefined ? 'config' : 'script', format }
}

function isSetUp(format: Format): format is SetupFormat {
  return format === 'deb' || format === 'rpm' || format === 'alpine'
}

/** What a page is to the accounting and to limits on packages: free, and for every token of the repository. */
export function pageArtifact({ kind, format }: SetupPage, path: string): Artifact {
  const [, filename] = cutLast(path, '/')
  return { format, kind: kind === 'key' ? 'key' : 'metadata', path, filename }
}
