import { homeOf } from '../../policy/owner-level.ts'
import type { StoredToken, TokenPlace } from '../../store/contract.ts'
import { csvLine } from '../../text/csv.ts'
import type { Answer } from '../answer.ts'
import { forbidden, invalid } from '../errors.ts'
import type { AdminOptions } from '../options.ts'
import type { Place } from '../places.ts'
import { reachOf } from '../reach.ts'
import type { Call } from '../routes.ts'
import { isSet, show } from '../show.ts'
import { COLUMNS, writeCell } from './cells.ts'

/** What a bulk change of a token understands, and what is worth writing down. */
const EXPORTED = [...COLUMNS.keys()].filter(
  (name) => name !== 'action' && name !== 'access_private_broadcasts',
)
const EXPORTED_AT_ONCE = 500
const NO_SECRETS = 'Your key may not see secrets; leave show_tokens out.'

type Fields = Readonly<Record<string, unknown>>

/** A form in which tokens are written down; a bulk change reads the same. */
interface Form {
  readonly contentType: string
  readonly head: (columns: readonly string[]) => string
  readonly line: (columns: readonly string[], token: Fields) => string
}

const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  [
    'jsonl',
    {
      contentType: 'application/x-ndjson; charset=utf-8',
      head: () => '',
      line: (columns, token) => {
        const given = columns.flatMap((name) => (token[name] === undefined ? [] : [[name, token[name]]]))
        return `${JSON.stringify(Object.fromEntries(given))}\n`
      },
    },
  ],
  [
    'csv',
    {
      contentType: 'text/csv; charset=utf-8; header=present',
      head: (columns) => csvLine(columns),
      line: (columns, token) =>
        csvLine(columns.map((name) => writeCell(COLUMNS.get(name) ?? 'text', token[name]))),
    },
  ],
])

/**
 * All tokens of a repository with everything that can be set on them, by name. Their secrets are among it only if that is asked for and
 * allowed; one of a token that opens more than the sender covers is left out.
 */
export async function exportTokens(options: AdminOptions, call: Call, place: Place): Promise<Answer> {
  const format = call.query('format') ?? 'jsonl'
  const form = FORMS.get(format)
  if (form === undefined) return invalid(new Map([['format', ['This must be jsonl or csv.']]]))
  const withSecrets = isSet(call.query('show_tokens'))
  if (withSecrets && !call.principal.can('tokens:secrets')) return forbidden(NO_SECRETS)
  const columns = EXPORTED.filter((name) => withSecrets || name !== 'token')
  const first = await readOn(options, place, null)
  const { head, line, contentType } = form
  async function* lines(): AsyncGenerator<string> {
    yield head(columns)
    for (let page = first; page.length > 0; page = await readOn(options, place, page.at(-1) ?? null)) {
      yield page.map((token) => line(columns, fieldsOf(options, call, token))).join('')
    }
  }
  const headers = {
    'Content-Type': contentType,
    'Content-Disposition': `attachment; filename="${nameOf(place)}-tokens.${format}"`,
  }
  return { status: 200, headers, body: lines() }
}

function nameOf(place: Place): string {
  return homeOf(place)?.replace('/', '-') ?? place.owner
}

function readOn(
  { store }: AdminOptions,
  { owner, repo }: Place,
  after: TokenPlace | null,
): Promise<readonly StoredToken[]> {
  return store.tokens.walk(owner, repo, after, EXPORTED_AT_ONCE)
}

function fieldsOf(options: AdminOptions, call: Call, token: StoredToken): Fields {
  const fields = show(options, call, token)
  return call.principal.coversGlobs(reachOf(token)) ? fields : { ...fields, token: undefined }
}
