import { z } from 'zod'
import { parseDuration } from './duration.ts'
import { bad, good, type Parsed } from './parsed.ts'
import { duration, group, text, wholeNumber } from './schema-parts.ts'
import type { FailoverConfig } from './types.ts'

/** How it is judged whether one of several upstreams is to be asked. */
export function failover(): z.ZodOptional<z.ZodType<FailoverConfig, object>> {
  return group({
    failures: wholeNumber(1, 100, 3, 'So many requests, or checks, in a row fail until an upstream is down.'),
    total_timeout: text((given) => parseDuration(given, 1), '60s')
      .optional()
      .meta({
        description:
          'Longest wait for an answer, all upstreams together. Default: twice the time for one (upstream.connect_timeout and headers_timeout).',
      }),
    retry_after: duration(
      '5s',
      1,
      'How long an upstream that is down is left alone until one request tries it; where none is checked.',
    ),
    check_interval: duration('5s', 0, 'How often an upstream is checked, by HEAD. 0s: not at all.'),
    check_path: text(parsePath, 'dists/stable/InRelease').optional().meta({
      description: 'A file that has to be there. Default: any answer will do.',
    }),
    check_timeout: duration('2s', 1, 'Longest wait for the answer to a check.'),
  })
    .transform((given) => ({
      failures: given.failures,
      totalMs: given.total_timeout ?? null,
      retryMs: given.retry_after,
      check:
        given.check_interval === 0
          ? null
          : {
              intervalMs: given.check_interval,
              path: given.check_path ?? null,
              timeoutMs: given.check_timeout,
            },
    }))
    .optional()
    .meta({
      description:
        'When an upstream is left alone, and how it is checked. Default: of one upstream, nothing is judged.',
    })
}

/** What holds for several upstreams of which the file does not say more. */
export function usualFailover(): FailoverConfig {
  return failover().unwrap().parse({})
}

function parsePath(given: string): Parsed<string> {
  const segments = given.split('/')
  const isOdd = segments.some((each) => each === '' || each === '.' || each === '..')
  if (isOdd || /[\p{C}?#\\]/u.test(given)) {
    return bad(
      'must be the path of a file below the upstream, like dists/stable/InRelease: no / before it, no query',
    )
  }
  return good(given)
}
