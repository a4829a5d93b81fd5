import { refuse, type Refusal } from '../../policy/refusal.ts'
import type { SetupFormat } from '../../request/setup-page.ts'
import { readPublicKey } from './public-key.ts'
import type { SetupSettings } from './settings.ts'
import type { StorageView } from './storage.ts'

/** The public key of a repository. */
export interface RepositoryKey {
  readonly content: Buffer
  /** Last segment of where it lies. */
  readonly name: string
  readonly ids: readonly string[]
  /** Armored, not binary. */
  readonly isText: boolean
}

const NO_KEY = refuse('setup_missing', { why: 'nobody has said where the public key of the repository is' })
const NO_PUBLIC_KEY = refuse('setup_missing', {
  why: 'what lies in the place of its public key is something else',
})

/** Where the key lies in most storages. apk knows keys by their names, so none can be guessed. */
const USUAL: Readonly<Record<SetupFormat, readonly string[]>> = {
  deb: ['gpg.key', 'key.asc'],
  rpm: ['gpg.key', 'key.asc', 'repodata/repomd.xml.key'],
  alpine: [],
}

/** Finds the public key; `setup_missing` when there is none, or what is there is something else. */
export async function findKey(
  format: SetupFormat,
  { key }: SetupSettings,
  storage: StorageView,
): Promise<RepositoryKey | Refusal> {
  if (key?.kind === 'file')
    return key.read().then(
      (content) => asKey(content, key.name),
      () => NO_KEY,
    )
  for (const path of key === undefined ? USUAL[format] : [key.path]) {
    const content = await storage.read(path)
    if (Buffer.isBuffer(content)) return asKey(content, path.slice(path.lastIndexOf('/') + 1))
    if (content.code !== 'not_found') return content
  }
  return NO_KEY
}

function asKey(content: Buffer, name: string): RepositoryKey | Refusal {
  const read = readPublicKey(content)
  return read === undefined ? NO_PUBLIC_KEY : { content, name, ...read }
}

/** What the key's file is called on the machine of a client. */
export function keyFileName(
  format: SetupFormat,
  name: string,
  { isText, name: ownName }: RepositoryKey,
): string {
  if (format === 'alpine') return ownName
  return `${name}.${isText ? 'asc' : 'gpg'}`
}
