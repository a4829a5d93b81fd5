import { refused } from '../errors.ts'
import { isObject } from '../json-fields.ts'
import { parseJson } from '../bulk/row-file.ts'
import { createLosses, sortOut, type Findings, type FoundToken } from './findings.ts'

type Fields = Readonly<Record<string, unknown>>

const MASTER =
  'master token: it makes read tokens and opens nothing; --master-tokens brings such as ordinary tokens'
const NO_VALUE = 'secret that the file does not have'

/**
 * Reads packagecloud's tokens: the list of master tokens with their read tokens as its API gives it, or a list of read tokens. What
 * customers hold are read tokens.
 */
export function readPackagecloud(text: string, withMasters: boolean): Findings {
  const losses = createLosses()
  const found = listOf(parseJson(text)).flatMap((value, index): readonly FoundToken[] => {
    if (!isObject(value)) throw refused(`Entry ${index + 1} of the list is no token.`)
    const { read_tokens: reads } = value
    if (!Array.isArray(reads)) return [toToken(value, {})]
    const master = String(value['name'] ?? index + 1)
    if (!withMasters) losses.add(MASTER, master)
    return [
      ...(withMasters ? [toToken({ ...value, name: `${master} (master token)` }, {})] : []),
      ...reads.map((read: unknown, place) => {
        if (!isObject(read))
          throw refused(`Read token ${place + 1} of ${JSON.stringify(master)} is no token.`)
        return toToken(read, { packagecloud_master_token: master })
      }),
    ]
  })
  return sortOut(found, losses)
}

function toToken({ name, id, value }: Fields, origin: Fields): FoundToken {
  const named =
    typeof name === 'string' && name.trim() !== '' ? name.trim() : `packagecloud ${String(id ?? '')}`.trim()
  const numbered = typeof id === 'number' || typeof id === 'string' ? { packagecloud_id: id } : {}
  const metadata = { ...origin, ...numbered }
  const row = { name: named, ...(Object.keys(metadata).length === 0 ? {} : { metadata }) }
  return { row, secret: typeof value === 'string' && value !== '' ? value : { lost: NO_VALUE } }
}

const LIST_FIELDS = ['master_tokens', 'read_tokens', 'tokens', 'data']

function listOf(value: unknown): readonly unknown[] {
  const field = isObject(value) ? LIST_FIELDS.find((name) => Array.isArray(value[name])) : undefined
  const list = isObject(value) && field !== undefined ? value[field] : value
  if (Array.isArray(list)) return list
  throw refused(
    'This is no list of tokens. Make one: curl -u API_TOKEN: https://packagecloud.io/api/v1/repos/USER/REPO/master_tokens',
  )
}
