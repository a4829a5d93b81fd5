import { json, type Answer } from '../answer.ts'
import { invalid, malformed, type FieldErrors } from '../errors.ts'
import type { AdminOptions } from '../options.ts'
import type { Place } from '../places.ts'
import type { Call } from '../routes.ts'
import { isSet, show } from '../show.ts'
import { counted } from '../../text/counted.ts'
import { carryOut } from './carry-out.ts'
import type { Verdict } from './judge.ts'
import { readRows } from './read-rows.ts'
import { ACTIONS, MATCHES, readWishes, type Action, type Match } from './wishes.ts'

/** Of a request. */
export const MOST_BULK_BYTES: number = 10 * 1024 * 1024

/** Rows that are done together or not at all: one step of the store, during which all others wait for a fraction of a second. */
export const MOST_TOGETHER = 1_000

interface Asked {
  readonly action: Action
  readonly match: Match
  readonly isDryRun: boolean
  readonly isPartial: boolean
}

const FLAGS = ['dry_run', 'partial'] as const
/** Such a request would do what was only to be looked at. */
const MISSPELT = ['dryrun', 'dryRun', 'dry-run', 'dry'] as const
export const COUNTED = ['created', 'changed', 'unchanged', 'deleted', 'skipped', 'failed'] as const

/** Makes, changes and deletes the tokens of a repository that the rows of a file name. */
export async function changeInBulk(options: AdminOptions, call: Call, place: Place): Promise<Answer> {
  const read = readAsked(call)
  if (!read.ok) return invalid(read.errors)
  if (call.upload === undefined) return malformed('There are no rows.')
  const file = readRows(call.upload)
  if (!file.ok) return file.answer
  const { action, match, isDryRun, isPartial } = read.asked
  if (!isDryRun && !isPartial && file.rows.length > MOST_TOGETHER) return tooMany(file.rows.length)
  const wishes = readWishes(file.rows, { action, match, digest: options.keeper.digest })
  const verdicts = await carryOut(options, call, place, wishes, { isDryRun, isPartial })
  const failed = verdicts.filter(({ result }) => result === 'failed').length
  const isRefused = failed > 0 && !isDryRun && !isPartial
  const report = {
    dry_run: isDryRun,
    ...countResults(verdicts, isRefused),
    rows: verdicts.map((verdict) => renderVerdict(options, call, verdict, isDryRun || isRefused, isRefused)),
  }
  if (!isRefused) return json(200, report)
  const detail = `${failed} of ${counted(verdicts.length, 'row')} can't be done; nothing was changed.`
  return json(422, { detail, code: 'invalid_rows', ...report })
}

function tooMany(count: number): Answer {
  return malformed(
    `There are ${count} rows, and at most ${MOST_TOGETHER} are done together or not at all. Send them in parts, or with partial=true.`,
  )
}

type Read =
  | { readonly ok: true; readonly asked: Asked }
  | { readonly ok: false; readonly errors: FieldErrors }

function readAsked({ query }: Call): Read {
  const action = ACTIONS.find((each) => each === (query('action') ?? 'upsert'))
  const match = MATCHES.find((each) => each === (query('match') ?? 'name'))
  const errors = new Map<string, readonly string[]>()
  if (action === undefined) errors.set('action', [`This must be one of ${ACTIONS.join(', ')}.`])
  if (match === undefined) errors.set('match', [`This must be one of ${MATCHES.join(', ')}.`])
  for (const name of FLAGS) {
    if (!/^(?:true|false|1|0)?$/i.test(query(name) ?? '')) errors.set(name, ['This must be true or false.'])
  }
  for (const name of MISSPELT) {
    if (query(name) !== undefined) errors.set(name, ['There is no such parameter; did you mean dry_run?'])
  }
  if (action === undefined || match === undefined || errors.size > 0) return { ok: false, errors }
  return {
    ok: true,
    asked: { action, match, isDryRun: isSet(query('dry_run')), isPartial: isSet(query('partial')) },
  }
}

type Result = (typeof COUNTED)[number]

/** Nothing came of what could have been done, because something else could not. */
function resultOf({ result }: Verdict, isRefused: boolean): Result {
  return isRefused && result !== 'failed' && result !== 'unchanged' ? 'skipped' : result
}

function countResults(verdicts: readonly Verdict[], isRefused: boolean): Readonly<Record<string, number>> {
  const results = verdicts.map((verdict) => resultOf(verdict, isRefused))
  return Object.fromEntries(
    COUNTED.map((result) => [result, results.filter((each) => each === result).length]),
  )
}

/** A token that was not made has neither id nor secret. */
function renderVerdict(
  options: AdminOptions,
  call: Call,
  verdict: Verdict,
  isIdle: boolean,
  isRefused: boolean,
): Record<string, unknown> {
  const { row, line, token, changes, errors } = verdict
  const isThere = token !== undefined && !(isIdle && verdict.result === 'created')
  return {
    row,
    ...(line === null ? {} : { line }),
    result: resultOf(verdict, isRefused),
    ...(token === undefined ? {} : { name: token.name }),
    ...(isThere ? { slug_perm: token.slugPerm } : {}),
    ...(isThere && isSet(call.query('show_tokens')) ? { token: show(options, call, token)['token'] } : {}),
    ...(changes.length === 0 ? {} : { changes }),
    ...(errors.size === 0 ? {} : { fields: Object.fromEntries(errors) }),
  }
}
