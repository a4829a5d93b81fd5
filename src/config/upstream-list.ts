import { z } from 'zod'
import { isRecord } from './record.ts'
import type { Path } from './mistake.ts'
import type { Parsed } from './parsed.ts'
import type { Places } from './places.ts'
import { s3, type GivenS3 } from './s3.ts'
import { group, text } from './schema-parts.ts'
import { parseUpstream, type ParsedUpstream } from './upstream.ts'

/** One of the upstreams of a repository. */
export interface GivenUpstream {
  readonly upstream: ParsedUpstream
  /** How its bucket is reached, where that is said beside it. */
  readonly s3: GivenS3 | undefined
  /** Where that stands, below the repository. */
  readonly s3Path: Path
}

const MOST = 8
const EXAMPLE = 'https://storage.example.com/debian/'
const SHARED: Path = ['s3']

/** One upstream, or a list of them; each one as text, or as a group where its bucket is reached in its own way. */
export function upstreams(
  resolve: (given: string) => Parsed<ParsedUpstream>,
  places: Places,
): z.ZodType<readonly GivenUpstream[], unknown> {
  const one = text(resolve, EXAMPLE)
  const apart = group({ url: one, s3: s3(places).optional() })
  const read = (given: unknown, at?: number): z.ZodSafeParseResult<GivenUpstream> => {
    if (at === undefined || !isRecord(given))
      return one.transform((upstream) => ({ upstream, s3: undefined, s3Path: SHARED })).safeParse(given)
    const s3Path = ['upstream', at, 's3']
    return apart
      .transform(({ url, s3: own }) => ({
        upstream: url,
        s3: given['s3'] === undefined ? undefined : own,
        s3Path,
      }))
      .safeParse(given)
  }
  return z
    .unknown()
    .transform((given, context) => {
      const isList = Array.isArray(given)
      const why = isList ? whyNoList(given) : undefined
      if (why !== undefined) context.addIssue({ code: 'custom', message: why })
      const results = isList ? given.map((each, at) => read(each, at)) : [read(given)]
      for (const [at, { error }] of results.entries()) {
        for (const issue of error?.issues ?? []) {
          context.addIssue({ ...issue, path: isList ? [at, ...issue.path] : issue.path })
        }
      }
      return results.flatMap(({ data }) => data ?? [])
    })
    .meta({
      description:
        'Where its files lie: an http(s) URL, s3:// and a bucket, or file: and a folder; or a list of those that have the same files, the first of which is asked first.',
      anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, maxItems: MOST, items: entrySchema(apart) }],
    })
}

function entrySchema(apart: z.ZodType): object {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(apart, { io: 'input' })
  return { anyOf: [{ type: 'string' }, schema] }
}

function whyNoList(given: readonly unknown[]): string | undefined {
  if (given.length === 0) return 'is an empty list; write one upstream, or several'
  return given.length > MOST ? `has ${given.length} entries; at most ${MOST} are possible` : undefined
}

/** An upstream as it is written, for checks that need more than it alone. */
export interface WrittenUpstream {
  readonly upstream: ParsedUpstream
  /** Below the repository. */
  readonly path: Path
  /** What is said beside it, whatever it is. */
  readonly s3: unknown
}

/** Those of a raw repository that can be understood. */
export function writtenUpstreams(repository: unknown): readonly WrittenUpstream[] {
  const given = isRecord(repository) ? repository['upstream'] : undefined
  if (!Array.isArray(given)) return written(given, ['upstream'], undefined)
  return given.flatMap((each: unknown, at) =>
    isRecord(each)
      ? written(each['url'], ['upstream', at, 'url'], each['s3'])
      : written(each, ['upstream', at], undefined),
  )
}

function written(url: unknown, path: Path, access: unknown): WrittenUpstream[] {
  const parsed = parseUpstream(typeof url === 'string' ? url : '')
  return parsed.ok ? [{ upstream: parsed.value, path, s3: access }] : []
}
