import { KEY, TOKENS, type Answered, type Api, type Json } from '../api.ts'

/** What became of rows. */
export interface Report extends Json {
  readonly rows: readonly Json[]
}

const TYPES = { json: 'application/json', jsonl: 'application/x-ndjson', csv: 'text/csv' } as const

/** Sends rows to acme/stable. A list goes as JSON, text as CSV unless it is said. */
export async function sendRows(
  api: Api,
  rows: readonly unknown[] | string | Uint8Array<ArrayBuffer>,
  query = '',
  {
    type = TYPES[Array.isArray(rows) ? 'json' : 'csv'],
    key = KEY,
    path = TOKENS,
  }: { readonly type?: string; readonly key?: string; readonly path?: string } = {},
): Promise<Answered> {
  const body = Array.isArray(rows) ? JSON.stringify(rows) : (rows as string)
  return api.send(`${path}bulk/${query}`, {
    method: 'POST',
    headers: { 'X-Api-Key': key, 'Content-Type': type },
    body,
  })
}

/** The report of an answer; fails for an answer that has none. */
export function reportOf({ body, text }: Answered): Report {
  const report = body as Report
  if (!Array.isArray(report?.rows)) throw new Error(`There is no report: ${text}`)
  return report
}

/** `result` of each row, with what is wrong. */
export function outcomesOf(answer: Answered): unknown[] {
  return reportOf(answer).rows.map(({ result, fields }) => fields ?? result)
}

export async function clear(api: Api): Promise<void> {
  const tokens = await api.store.tokens.walk('acme', 'stable', null, 10_000)
  for (const { slugPerm } of tokens) await api.store.tokens.delete('acme', 'stable', slugPerm, 1)
}

export async function listAll(api: Api): Promise<readonly Json[]> {
  return (await api.call('GET', `${TOKENS}?page_size=500&show_tokens=true`)).body as readonly Json[]
}
