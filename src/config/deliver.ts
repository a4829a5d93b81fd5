import type { z } from 'zod'
import { choice } from './schema-parts.ts'
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
    description: 'How packages reach clients: through the gate, or by a link that the storage signs.',
  })
}

/** Why files of this storage can't be delivered in this way, for the place where the way is written; undefined: they can. */
export function whyNotDelivered(way: unknown, { kind }: ParsedUpstream): string | undefined {
  if (way === 'accel') return 'is accel, which this version does not have; write stream'
  if (way !== 'redirect' || kind === 's3') return undefined
  return `is redirect, and ${kind === 'files' ? 'a folder' : 'an HTTP storage'} signs no links; write stream`
}
