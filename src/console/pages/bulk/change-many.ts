import type { Api } from '../../api/client.ts'
import type { BulkReportJson, BulkRowJson, TokenJson } from '../../api/types.ts'
import { homeOf, listPath, placeName } from '../../words/places.ts'

/** A token that something is to be done with. */
export type Target = Pick<TokenJson, 'slug_perm' | 'name' | 'owner' | 'repository' | 'limit_date_range_to'>

/** What is done with each; undefined: it is passed over. */
export type Wish = (target: Target) => Readonly<Record<string, unknown>> | undefined

/** What became of many, or would. */
export interface Outcome {
  readonly done: number
  readonly unchanged: number
  readonly failures: readonly { readonly name: string; readonly why: string }[]
}

/** Of a request: so that there is something to see, and the store is never busy for long. */
const ROWS_AT_ONCE = 250

interface Run {
  readonly isDryRun: boolean
  /** Called with how many have been seen to. */
  readonly onProgress: (count: number) => void
}

/**
 * Does something with many tokens, or asks what would come of it. What can't be done with one is reported and stops nobody else's. @throws
 * ApiError when a request fails: then what was done before it stays done.
 */
export async function changeMany(
  api: Api,
  targets: readonly Target[],
  wish: Wish,
  { isDryRun, onProgress }: Run,
): Promise<Outcome> {
  let outcome: Outcome = { done: 0, unchanged: 0, failures: [] }
  let seen = 0
  for (const batch of batchesOf(targets, wish)) {
    const { body } = await api({
      method: 'POST',
      path: [...listPath(homeOf(batch.home)), 'bulk'],
      query: { partial: 'true', ...(isDryRun ? { dry_run: 'true' } : {}) },
      upload: { type: 'application/json', content: JSON.stringify(batch.rows) },
    })
    outcome = add(outcome, body as BulkReportJson, batch.targets)
    seen += batch.rows.length
    onProgress(seen)
  }
  return { ...outcome, unchanged: outcome.unchanged + targets.length - seen }
}

interface Batch {
  readonly home: Target
  readonly targets: readonly Target[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** A request is about the tokens of one repository, or of an owner. */
function batchesOf(targets: readonly Target[], wish: Wish): readonly Batch[] {
  const wanted = targets.flatMap((target) => {
    const fields = wish(target)
    return fields === undefined ? [] : [{ target, row: { slug_perm: target.slug_perm, ...fields } }]
  })
  const byHome = Map.groupBy(wanted, ({ target }) => placeName(homeOf(target)))
  return [...byHome.values()].flatMap((same) => {
    const batches: Batch[] = []
    for (let from = 0; from < same.length; from += ROWS_AT_ONCE) {
      const some = same.slice(from, from + ROWS_AT_ONCE)
      const [first] = some
      if (first === undefined) continue
      batches.push({
        home: first.target,
        targets: some.map(({ target }) => target),
        rows: some.map(({ row }) => row),
      })
    }
    return batches
  })
}

function add(before: Outcome, report: BulkReportJson, targets: readonly Target[]): Outcome {
  const failed = report.rows.filter(({ result }) => result === 'failed')
  return {
    done: before.done + report.created + report.changed + report.deleted,
    unchanged: before.unchanged + report.unchanged + report.skipped,
    failures: [
      ...before.failures,
      ...failed.map((row) => ({ name: targets[row.row - 1]?.name ?? row.name ?? '', why: whyFailed(row) })),
    ],
  }
}

/** What is wrong with a row, in one line. */
export function whyFailed({ fields = {} }: Pick<BulkRowJson, 'fields'>): string {
  return Object.entries(fields)
    .map(([field, messages]) => {
      const text = messages.join(' ')
      return field === 'non_field_errors' ? text : `${field}: ${text}`
    })
    .join(' ')
}
