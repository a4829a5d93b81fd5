import type { DownloadRecord } from '../../store/contract/history.ts'
import { csvLine } from '../../text/csv.ts'
import { formatInstant } from '../instants.ts'

type Cell = string | number | null

/** In the order of the columns. */
const COLUMNS = [
  'time',
  'repository',
  'token',
  'token_name',
  'format',
  'package',
  'version',
  'filename',
  'client',
  'user_agent',
  'status',
  'bytes',
  'downloads',
  'duration_ms',
  'id',
] as const

/** A record of the log by the names of its fields. */
export function renderDownload(record: DownloadRecord): Record<(typeof COLUMNS)[number], Cell> {
  return {
    time: formatInstant(record.at),
    repository: record.repository,
    token: record.token,
    token_name: record.tokenName,
    format: record.format,
    package: record.name || null,
    version: record.version || null,
    filename: record.filename,
    client: record.client,
    user_agent: record.userAgent,
    status: record.status,
    bytes: record.bytes,
    downloads: record.downloads,
    duration_ms: record.durationMs,
    id: record.id,
  }
}

/** A form in which the whole log can be had. */
export interface DownloadFormat {
  /** Of the file's name. */
  readonly extension: string
  readonly contentType: string
  readonly head: string
  readonly line: (record: DownloadRecord) => string
}

export const DOWNLOAD_FORMATS: ReadonlyMap<string, DownloadFormat> = new Map([
  [
    'jsonl',
    {
      extension: 'jsonl',
      contentType: 'application/x-ndjson; charset=utf-8',
      head: '',
      line: (record: DownloadRecord) => `${JSON.stringify(renderDownload(record))}\n`,
    },
  ],
  [
    'csv',
    {
      extension: 'csv',
      contentType: 'text/csv; charset=utf-8; header=present',
      head: csvLine(COLUMNS),
      line: (record: DownloadRecord) => {
        const cells = renderDownload(record)
        return csvLine(COLUMNS.map((column) => cells[column]))
      },
    },
  ],
])
