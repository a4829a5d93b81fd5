import type {
  DownloadRecord,
  DownloadsCursor,
  DownloadsPage,
  DownloadsQuery,
} from '../../store/contract/history.ts'
import { json, type Answer } from '../answer.ts'
import { invalid, type FieldErrors } from '../errors.ts'
import type { AdminOptions } from '../options.ts'
import { listUrl, readPage } from '../pagination.ts'
import type { Place } from '../places.ts'
import type { Call } from '../routes.ts'
import { DOWNLOAD_FORMATS, renderDownload, type DownloadFormat } from './download-formats.ts'
import { readInterval } from './interval.ts'

type Query = Omit<DownloadsQuery, 'after'> & { readonly after: DownloadsCursor | null }

/** Parameters that lead from page to page. */
const CARRIED = ['start', 'finish', 'token', 'package', 'version', 'client', 'sort', 'page_size'] as const
/** Of what is rare in a long log one page is looked for so many times. */
const MOST_LOOKS = 10
const EXPORTED_AT_ONCE = 500

/** The log of a repository: a page of it as JSON, or all of it as JSON lines or CSV. */
export async function listDownloads(options: AdminOptions, call: Call, place: Place): Promise<Answer> {
  const formatName = call.query('format') ?? 'json'
  const format = DOWNLOAD_FORMATS.get(formatName)
  const read = readQuery(options, call, place, format !== undefined)
  if (!read.ok) return invalid(read.errors)
  if (format !== undefined) return exportDownloads(options, read.query, format)
  if (formatName !== 'json') return invalid(new Map([['format', ['This must be json, jsonl or csv.']]]))
  const { records, next } = await fillPage(options, read.query)
  if (next === null) return json(200, records.map(renderDownload))
  const cursor = `${next.at}.${next.id}`
  const url = listUrl(call, `downloads/${place.owner}/${place.repo}`, { cursor }, CARRIED)
  return json(200, records.map(renderDownload), { Link: `<${url}>; rel="next"` })
}

type Read =
  | { readonly ok: true; readonly query: Query }
  | { readonly ok: false; readonly errors: FieldErrors }

/** Pages begin with the newest, what is exported with the oldest, unless it is said. */
function readQuery({ clock }: AdminOptions, call: Call, { owner, repo }: Place, isExport: boolean): Read {
  const read = readInterval(call, { from: 0, until: clock() + 60_000 })
  const sort = call.query('sort') ?? (isExport ? 'time' : '-time')
  const cursor = call.query('cursor')
  const after = cursor === undefined ? null : readCursor(cursor)
  const errors = new Map(read.ok ? [] : read.errors)
  if (sort !== 'time' && sort !== '-time') errors.set('sort', ['This must be time or -time.'])
  if (after === undefined) errors.set('cursor', ['This is none that a page of this list gave.'])
  if (!read.ok || errors.size > 0 || after === undefined) return { ok: false, errors }
  const given = (name: string): string | undefined => call.query(name) || undefined
  const [token, name, version, client] = ['token', 'package', 'version', 'client'].map(given)
  const filter = { token, name, version, client }
  const limit = isExport ? EXPORTED_AT_ONCE : readPage(call.query).pageSize
  const repository = `${owner}/${repo}`
  return {
    ok: true,
    query: { repository, ...read.interval, filter, descending: sort === '-time', after, limit },
  }
}

async function fillPage({ store }: AdminOptions, query: Query): Promise<DownloadsPage> {
  const records: DownloadRecord[] = []
  let { after } = query
  for (let look = 0; look < MOST_LOOKS; look++) {
    const page = await store.history.downloads({ ...query, after, limit: query.limit - records.length })
    records.push(...page.records)
    after = page.next
    if (after === null || records.length >= query.limit) break
  }
  return { records, next: after }
}

/** A failure at the first page is an answer as any other; one later breaks the connection off, so that nobody takes a part for the whole. */
async function exportDownloads(
  { store }: AdminOptions,
  query: Query,
  { extension, contentType, head, line }: DownloadFormat,
): Promise<Answer> {
  const first = await store.history.downloads(query)
  async function* lines(): AsyncGenerator<string> {
    let page = first
    yield head + page.records.map(line).join('')
    while (page.next !== null) {
      page = await store.history.downloads({ ...query, after: page.next })
      yield page.records.map(line).join('')
    }
  }
  const name = `${query.repository.replace('/', '-')}-downloads`
  const headers = {
    'Content-Type': contentType,
    'Content-Disposition': `attachment; filename="${name}.${extension}"`,
  }
  return { status: 200, headers, body: lines() }
}

function readCursor(text: string): DownloadsCursor | undefined {
  const [, at = '', id = ''] = /^(\d{1,15})\.([A-Za-z0-9-]{1,64})$/.exec(text) ?? []
  return id === '' ? undefined : { at: Number(at), id }
}
