import type { TokenJson } from '../../api/types.ts'

/** The fields of the form, as they are typed. */
export interface Draft {
  readonly name: string
  /** Minutes of UTC, `2030-12-31T23:59`. Empty: none. */
  readonly from: string
  readonly until: string
  /** Whole numbers. Empty: not limited. */
  readonly downloads: string
  readonly clients: string
}

/** What the API calls each. */
export const API_FIELDS: Readonly<Record<keyof Draft, keyof TokenJson>> = {
  name: 'name',
  from: 'limit_date_range_from',
  until: 'limit_date_range_to',
  downloads: 'limit_num_downloads',
  clients: 'limit_num_clients',
}

export function draftOf(token: TokenJson): Draft {
  return {
    name: token.name,
    from: minuteOf(token.limit_date_range_from),
    until: minuteOf(token.limit_date_range_to),
    downloads: token.limit_num_downloads?.toString() ?? '',
    clients: token.limit_num_clients?.toString() ?? '',
  }
}

/** The body of a change: only what was typed anew, so that seconds which the form does not show stay as they are. */
export function changesIn(draft: Draft, token: TokenJson): Readonly<Record<string, unknown>> {
  const before = draftOf(token)
  const values: Readonly<Record<keyof Draft, unknown>> = {
    name: draft.name,
    from: instantOf(draft.from),
    until: instantOf(draft.until),
    downloads: numberOf(draft.downloads),
    clients: numberOf(draft.clients),
  }
  const fields = Object.keys(API_FIELDS) as (keyof Draft)[]
  return Object.fromEntries(
    fields
      .filter((field) => draft[field] !== before[field])
      .map((field) => [API_FIELDS[field], values[field]]),
  )
}

function minuteOf(instant: string | null): string {
  return instant?.slice(0, 16) ?? ''
}

function instantOf(minute: string): string | null {
  return minute === '' ? null : `${minute}:00Z`
}

/** What is no number goes to the API as it is: it says what is wrong. */
function numberOf(typed: string): number | string | null {
  const text = typed.trim()
  if (text === '') return null
  return /^\d+$/.test(text) ? Number(text) : text
}
