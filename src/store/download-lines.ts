import type { DownloadRecord, DownloadsFilter, DownloadsPage, DownloadsQuery } from './contract/history.ts'

/** What is written of a download beside its id, instant and repository. */
type Line = readonly [
  token: string,
  tokenName: string,
  format: DownloadRecord['format'],
  name: string,
  version: string,
  filename: string,
  client: string,
  userAgent: string | null,
  status: number | null,
  bytes: number,
  downloads: number,
  durationMs: number | null,
]

/** A download as a short text. */
export function writeLine(record: DownloadRecord): string {
  const { token, tokenName, format, name, version, filename, client } = record
  const { userAgent, status, bytes, downloads, durationMs } = record
  const line: Line = [
    token,
    tokenName,
    format,
    name,
    version,
    filename,
    client,
    userAgent,
    status,
    bytes,
    downloads,
    durationMs,
  ]
  return JSON.stringify(line)
}

export function readLine(text: string, repository: string, at: number, id: string): DownloadRecord {
  const [token, tokenName, format, name, version, filename, client, ...rest] = JSON.parse(text) as Line
  const [userAgent, status, bytes, downloads, durationMs] = rest
  const who = { token, tokenName, client, userAgent }
  const what = { repository, format, name, version, filename }
  return { id, at, ...who, ...what, status, bytes, downloads, durationMs }
}

/** Records that are looked at for one page, so that nobody waits long for it. */
const SCANNED_AT_ONCE = 2_000

/** One page: reads so many records behind `after` as it may take, and leaves out what was not asked for. */
export async function pageOf(
  query: DownloadsQuery,
  read: (query: DownloadsQuery) => readonly DownloadRecord[] | Promise<readonly DownloadRecord[]>,
): Promise<DownloadsPage> {
  const isFiltered = Object.values(query.filter).some((each) => each !== undefined)
  const most = isFiltered ? SCANNED_AT_ONCE : Math.min(query.limit, SCANNED_AT_ONCE)
  const scanned = await read({ ...query, limit: most })
  const found = scanned.filter((record) => matches(record, query.filter))
  const records = found.slice(0, query.limit)
  const last = found.length > records.length ? records.at(-1) : scanned.at(-1)
  const isEnd = scanned.length < most && found.length === records.length
  return { records, next: isEnd || last === undefined ? null : { at: last.at, id: last.id } }
}

function matches(record: DownloadRecord, { token, name, version, client }: DownloadsFilter): boolean {
  return (
    isAsked(token, record.token) &&
    isAsked(name, record.name) &&
    isAsked(version, record.version) &&
    isAsked(client, record.client)
  )
}

function isAsked(asked: string | undefined, value: string): boolean {
  return asked === undefined || asked === value
}
