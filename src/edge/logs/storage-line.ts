import type { LinkLine } from '../../gateway/offload/links.ts'

/** Reads the lines of one file of a storage's log, in their order. */
export type StorageLineReader = (line: string) => LinkLine | undefined

/**
 * Makes a reader of access logs of S3 ("Amazon S3 server access log format") and CloudFront ("Standard log file fields", whose header says which
 * fields there are). A link is known by its id in the query, which is signed with it. undefined: no line about a link.
 */
export function createStorageLineReader(): StorageLineReader {
  let fields: readonly string[] | undefined
  return (line) => {
    if (line.startsWith('#')) {
      if (line.startsWith(FIELDS)) fields = line.slice(FIELDS.length).trim().split(/\s+/)
      return undefined
    }
    return fields === undefined ? readS3(line) : readCloudFront(line.split('\t'), fields)
  }
}

const FIELDS = '#Fields:'
const ID = /[?&]x-postern-id=([A-Za-z0-9]+)(?:[&\s]|$)/
/** Owner, bucket, [time], address, requester, request, operation, key, "request", status, error, bytes. */
const S3 = /^\S+ \S+ \[[^\]]*\] \S+ \S+ \S+ (\S+) \S+ "([^"]*)" (\d{3}) \S+ (\d+|-) /

function readS3(line: string): LinkLine | undefined {
  const [, operation = '', request = '', status = '', bytes = ''] = S3.exec(line) ?? []
  if (!operation.endsWith('.GET.OBJECT')) return undefined
  return asLine(request, status, bytes === '-' ? '0' : bytes)
}

/** `sc-bytes` counts headers as well; `sc-content-len` is what the body was to have. */
function readCloudFront(values: readonly string[], fields: readonly string[]): LinkLine | undefined {
  const field = (name: string): string => values[fields.indexOf(name)] ?? ''
  if (field('cs-method') !== 'GET') return undefined
  const [sent, length] = [field('sc-bytes'), field('sc-content-len')]
  const isShorter = /^\d+$/.test(length) && Number(length) < Number(sent)
  return asLine(`?${field('cs-uri-query')}`, field('sc-status'), isShorter ? length : sent)
}

function asLine(request: string, status: string, bytes: string): LinkLine | undefined {
  const link = ID.exec(request)?.[1]
  const isWhole = /^\d{3}$/.test(status) && /^\d{1,15}$/.test(bytes)
  return link === undefined || !isWhole ? undefined : { link, status: Number(status), bytes: Number(bytes) }
}
