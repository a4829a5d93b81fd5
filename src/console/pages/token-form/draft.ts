import type { TokenJson } from '../../api/types.ts'
import { durationText, secondsOf } from '../../words/durations.ts'
import { entriesOf } from '../../words/entries.ts'
import type { Draft as DraftOf } from '../../words/merge.ts'
import { FIELDS, type Field, type FieldName } from './fields.ts'

/**
 * The form as it is typed. Instants are minutes of UTC, `2030-12-31T23:59`; lists have an entry on each line. Empty: not set. Only a list can
 * be null: not limited, where an empty one opens nothing.
 */
export type Draft = DraftOf<FieldName>

/** What a form is about: a token as it is, or what a new one is when nothing is said. */
export type Settings = Readonly<Pick<TokenJson, FieldName>>

/** A new token, with nothing said yet. */
export const NEW_TOKEN: Settings = {
  name: '',
  token: '',
  is_active: true,
  limit_date_range_from: null,
  limit_date_range_to: null,
  limit_num_downloads: null,
  limit_num_clients: null,
  clients_window: null,
  limit_bandwidth: null,
  limit_bandwidth_unit: 'Byte',
  limit_rate: null,
  limit_concurrency: null,
  limit_networks: null,
  limit_published_until: null,
  starts_on_first_download: false,
  eula_required: false,
  scheduled_reset_period: 'Never Reset',
  scheduled_reset_at: null,
  previous_secret_valid_until: null,
  limit_packages: null,
  limit_package_query: null,
  limit_path_query: null,
  repositories: null,
  metadata: null,
}

export function draftOf(settings: Settings): Draft {
  // One entry for each field of the form.
  return Object.fromEntries(FIELDS.map((field) => [field.name, write(field, settings)])) as Draft
}

function write({ name, kind }: Field, settings: Settings): string | null {
  // The secret is never shown here: what stands in its place would be taken for a new one.
  if (name === 'token') return ''
  const value = settings[name]
  if (value === null) return kind === 'list' ? null : ''
  if (kind === 'list' && Array.isArray(value)) return value.join('\n')
  if (kind === 'instant') return String(value).slice(0, 16)
  if (kind === 'seconds') return durationText(Number(value))
  return kind === 'json' ? JSON.stringify(value, null, 2) : String(value)
}

/** The body of a change: only what was typed anew, so that seconds which the form does not show stay as they are. */
export function changesIn(draft: Draft, before: Draft): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    FIELDS.filter(({ name }) => draft[name] !== before[name]).map((field) => [
      field.name,
      read(field, draft[field.name]),
    ]),
  )
}

/** The value for the API. What makes no sense goes there as it is: it says what is wrong. */
function read({ kind }: Field, typed: string | null): unknown {
  if (typed === null) return null
  const text = typed.trim()
  switch (kind) {
    case 'flag':
      return text === 'true'
    case 'list':
      return entriesOf(text)
    case 'text':
    case 'choice':
      return typed
    default:
      return text === '' ? null : readFilled(kind, text)
  }
}

function readFilled(kind: Field['kind'], text: string): unknown {
  switch (kind) {
    case 'instant':
      return `${text}:00Z`
    case 'seconds':
      return secondsOf(text) ?? text
    case 'json':
      return parseJson(text) ?? text
    case 'count':
    case 'rate':
      return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : text
    default:
      return text
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
