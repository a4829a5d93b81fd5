import type { z } from 'zod'
import { choice, text } from './schema-parts.ts'
import { bad, good, quote, type Parsed } from './parsed.ts'
import type { RepositoryConfig } from './types.ts'
import type { ParsedUpstream } from './upstream.ts'

type Deliver = RepositoryConfig['deliver']

const WAYS = ['stream', 'redirect', 'accel'] as const satisfies readonly Deliver[]

/** Words that others use for our ways. */
const SYNONYMS: Readonly<Record<string, Deliver>> = {
  proxy: 'stream',
  presigned: 'redirect',
  presign: 'redirect',
  nginx: 'accel',
  'x-accel-redirect': 'accel',
}

/** How packages reach clients. */
export function deliver(): z.ZodDefault<z.ZodType<Deliver, Deliver>> {
  return choice(WAYS, SYNONYMS).default('stream').meta({
    description:
      'How packages reach clients: through the gate, by a link that the storage signs, or from the nginx in front.',
  })
}

const PREFIX = /^\/(?:[A-Za-z0-9._~-]+\/)+$/

/** Where the nginx in front has the files. */
export function accelPrefix(): z.ZodOptional<z.ZodType<string, string>> {
  return text(parsePrefix, '/postern-internal/acme/stable/').optional().meta({
    description:
      'Path of an internal location of the nginx in front, which has the files. Default: /postern-internal/OWNER/REPO/.',
  })
}

function parsePrefix(given: string): Parsed<string> {
  const isPath = PREFIX.test(given) && !/\/\.{1,2}\//.test(given)
  return isPath
    ? good(given)
    : bad(
        `must be a path that begins and ends in a slash, like /postern-internal/stable/, not ${quote(given)}`,
      )
}

/** Why files of this storage can't be delivered in this way, for the place where the way is written; undefined: they can. */
export function whyNotDelivered(way: unknown, { kind }: ParsedUpstream): string | undefined {
  if (way !== 'redirect' || kind === 's3') return undefined
  return `is redirect, and ${kind === 'files' ? 'a folder' : 'an HTTP storage'} signs no links; write stream`
}
