import { didYouMean } from '../text/near.ts'
import { bad, good, quote, type Parsed } from './parsed.ts'
import { parseRedis } from './redis-url.ts'
import type { StoreConfig } from './types.ts'

type SqliteConfig = Extract<StoreConfig, { readonly kind: 'sqlite' }>

/**
 * Reads `sqlite:path`, `sqlite:path?synchronous=full` or an address of Redis (redis-url.ts); paths are still relative. The messages never
 * repeat the text of another store's URL, for it may hold a password.
 */
export function parseStore(text: string): Parsed<StoreConfig> {
  if (/^rediss?(\+\w+)?:/.test(text)) return parseRedis(text)
  if (!text.startsWith('sqlite:')) {
    return bad(
      'must be sqlite: and a path, like sqlite:data/postern.db, or an address like redis://host:6379',
    )
  }
  const [file = '', query, ...more] = text.slice('sqlite:'.length).split('?')
  const why = more.length > 0 ? 'has two question marks' : whyNoFile(file)
  if (why !== undefined) return bad(`${why}; write a path like sqlite:data/postern.db`)
  const synchronous = parseOptions(query)
  return synchronous.ok ? good({ kind: 'sqlite', file, synchronous: synchronous.value }) : synchronous
}

function whyNoFile(file: string): string | undefined {
  if (file === '') return 'names no file'
  if (file.startsWith(':')) return 'names no file on disk, so that limits would be forgotten'
  if (file.startsWith('//')) return 'begins with more than one slash'
  if (file.endsWith('/')) return 'names a folder'
  return /\p{C}/u.test(file) ? 'has a control character in the path' : undefined
}

function parseOptions(query: string | undefined): Parsed<SqliteConfig['synchronous']> {
  let synchronous: SqliteConfig['synchronous'] = 'normal'
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== 'synchronous') {
      return bad(`has an unknown option ${quote(name)}${didYouMean(name, ['synchronous'])}`)
    }
    if (value !== 'normal' && value !== 'full') {
      return bad(`has ${quote(value)} for synchronous; it is normal or full`)
    }
    synchronous = value
  }
  return good(synchronous)
}

/** The files that a store names, with the name of each made absolute by `resolve`. */
export function resolveFiles(store: StoreConfig, resolve: (path: string) => string): StoreConfig {
  if (store.kind === 'sqlite') return { ...store, file: resolve(store.file) }
  if (store.tls === null) return store
  const [ca, cert, key] = [store.tls.ca, store.tls.cert, store.tls.key].map((file) => file && resolve(file))
  return { ...store, tls: { ca: ca ?? null, cert: cert ?? null, key: key ?? null } }
}
