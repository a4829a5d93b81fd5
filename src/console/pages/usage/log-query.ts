import type { DownloadJson } from '../../api/types.ts'
import { zonedInstant } from '../../words/instants.ts'

/** Filters of the log by the names that the API and the address of the page have for them. All empty: the newest downloads. */
export interface LogQuery {
  /** Minutes of UTC, `2030-12-31T23:59`. */
  readonly start: string
  readonly finish: string
  /** Its id. */
  readonly token: string
  readonly package: string
  readonly version: string
  readonly client: string
  /** Where to go on, as the page before said. */
  readonly cursor: string
}

export function readLogQuery(query: URLSearchParams): LogQuery {
  const read = (name: string): string => query.get(name) ?? ''
  return {
    start: read('start'),
    finish: read('finish'),
    token: read('token'),
    package: read('package'),
    version: read('version'),
    client: read('client'),
    cursor: read('cursor'),
  }
}

/** The API's parameters. */
export function logParameters({ start, finish, ...rest }: LogQuery): Readonly<Record<string, string>> {
  return { ...rest, start: zonedInstant(start), finish: zonedInstant(finish) }
}

/** The cursor of the next page; undefined: this was the last one. `link` as in RFC 8288. */
export function nextCursor(link: string | null): string | undefined {
  const url = /<([^>]*)>; rel="next"/.exec(link ?? '')?.[1]
  return url === undefined
    ? undefined
    : (new URL(url, 'http://any.invalid').searchParams.get('cursor') ?? undefined)
}

/** What was downloaded, or the file where no name of a package is known. */
export function downloadTitle({
  package: name,
  version,
  filename,
}: Pick<DownloadJson, 'package' | 'version' | 'filename'>): string {
  return name === null ? filename : [name, version].filter((part) => part !== null).join(' ')
}
