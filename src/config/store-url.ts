import { didYouMean } from '../text/near.ts'
import { bad, good, quote, type Parsed } from './parsed.ts'
import type { Config } from './types.ts'

type Store = Config['store']

/**
 * Reads `sqlite:path` or `sqlite:path?synchronous=full`; the path is still relative. The messages never repeat the text of
 * another store's URL, for it may hold a password.
 */
export function parseStore(text: string): Parsed<Store> {
  if (/^rediss?(\+\w+)?:/i.test(text))
    return bad('Redis is not a store of this version; write sqlite:data/postern.db')
  if (!text.startsWith('sqlite:')) return bad('must be sqlite: and a path, like sqlite:data/postern.db')
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

function parseOptions(query: string | undefined): Parsed<Store['synchronous']> {
  let synchronous: Store['synchronous'] = 'normal'
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
