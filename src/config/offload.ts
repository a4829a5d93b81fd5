import { z } from 'zod'
import { parseListen, parseTcp } from './listen.ts'
import { parseNetwork } from './network.ts'
import { bad, good, quote, type Parsed } from './parsed.ts'
import type { Places } from './places.ts'
import { choice, duration, group, text, wrongType } from './schema-parts.ts'
import type { Config, EdgeAddress, FrontLogConfig } from './types.ts'

/** A path that fits into the address of a Unix socket. */
const LONGEST_SOCKET = 107
const LEAST_PATIENCE_MS = 1_000

/** Who asks the gate before it serves files itself. */
export function edge(places: Places): z.ZodOptional<z.ZodType<NonNullable<Config['edge']>, object>> {
  const shape = group({
    listen: text((given) => parseEdgeAddress(given, places), '127.0.0.1:8082').meta({
      description: 'Where proxies ask: host:port, or unix: and a path. Keep customers away from it.',
    }),
    peers: z
      .array(text(parseNetwork, '10.0.0.0/8'), { error: wrongType('a list like [10.0.0.0/8]') })
      .prefault(['127.0.0.1', '::1'])
      .meta({ description: 'Addresses and CIDR ranges of the proxies that may ask. Default: this machine.' }),
  })
  return shape.optional().meta({
    description: 'Decisions for proxies that serve the files themselves. Default: nobody is told.',
  })
}

/** How files are accounted for that others send. */
export function offload(places: Places): z.ZodPrefault<z.ZodType<Config['offload'], object>> {
  const shape = group({
    sizes: choice(['ask', 'unknown'], { head: 'ask', none: 'unknown' }).default('ask').meta({
      description:
        'Whether the storage is asked for the size of each file before another server sends it; unknown: only where a limit depends on it.',
    }),
    logs: z
      .array(
        text((given) => parseFrontLog(given, places), 'file:/var/log/nginx/postern.log'),
        { error: wrongType('a list like [file:/var/log/nginx/postern.log]') },
      )
      .prefault([])
      .meta({
        description:
          'Logs of these servers: file: and a path, or syslog:host:port (UDP); folder: and a path for those of S3 or CloudFront.',
      }),
    settle_within: duration(
      '2h',
      LEAST_PATIENCE_MS,
      'After that a delivery of which no log tells is taken for made in full.',
    ),
    links_within: duration(
      '24h',
      LEAST_PATIENCE_MS,
      'After that all lines about a link to the storage have come, and correct what it was charged.',
    ),
    state: text((given) => resolveState(given, places), 'data/front-logs.json')
      .prefault('data/front-logs.json')
      .meta({ description: 'File that remembers how far logs were read.' }),
  })
  return shape
    .transform((given) => ({
      asksStorage: given.sizes === 'ask',
      logs: given.logs,
      settleWithinMs: given.settle_within,
      linksWithinMs: given.links_within,
      state: given.state,
    }))
    .prefault({})
    .meta({ description: 'Accounting of files that the gate decides about and others send.' })
}

function parseEdgeAddress(given: string, places: Places): Parsed<EdgeAddress> {
  if (!given.startsWith('unix:')) return parseTcp(given)
  const parsed = parseListen(given)
  const why = `must be unix: and a path of at most ${LONGEST_SOCKET} bytes, like unix:/run/postern/edge.sock`
  if (!parsed.ok || !('path' in parsed.value)) return bad(why)
  const path = places.resolve(parsed.value.path)
  return Buffer.byteLength(path) > LONGEST_SOCKET ? bad(why) : good({ path, mode: parsed.value.mode })
}

function parseFrontLog(given: string, places: Places): Parsed<FrontLogConfig> {
  if (given.startsWith('file:') && given !== 'file:')
    return good({ kind: 'file', file: resolvePath(given.slice('file:'.length), places) })
  if (given.startsWith('folder:') && given !== 'folder:') {
    const folder = resolvePath(given.slice('folder:'.length), places)
    return places.isDirectory(folder)
      ? good({ kind: 'folder', folder })
      : bad(`names no existing folder; there is none at ${folder}`)
  }
  if (!given.startsWith('syslog:'))
    return bad(
      `${quote(given)} is no log; write file:/var/log/nginx/postern.log, syslog:127.0.0.1:5514 or folder:/var/log/s3`,
    )
  const address = parseTcp(given.slice('syslog:'.length))
  return address.ok ? good({ kind: 'syslog', listen: address.value }) : address
}

/** `file:///srv/x` means `/srv/x`, as in every URL. */
function resolvePath(given: string, places: Places): string {
  return places.resolve(given.replace(/^\/\/(?=\/)/, ''))
}

function resolveState(given: string, places: Places): Parsed<string> {
  return given === '' || /\p{C}/u.test(given)
    ? bad('names no file; write a path like data/front-logs.json')
    : good(places.resolve(given))
}
