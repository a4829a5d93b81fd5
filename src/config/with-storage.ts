import { z } from 'zod'
import { usualFailover } from './failover.ts'
import { resolveS3 } from './s3-upstream.ts'
import type { GivenS3 } from './s3.ts'
import type { Variables } from './substitute.ts'
import type { FailoverConfig, RepositoryConfig, UpstreamConfig } from './types.ts'
import type { GivenUpstream } from './upstream-list.ts'

interface GivenStorage {
  readonly upstream: readonly GivenUpstream[]
  readonly failover?: FailoverConfig | undefined
  readonly s3: GivenS3
}

/** A repository with all that is to be known of its storages. */
export function withStorage<Given extends GivenStorage>(
  given: Given,
  variables: Variables,
  context: z.RefinementCtx,
): Omit<Given, keyof GivenStorage> & Pick<RepositoryConfig, 'upstream' | 'mirrors' | 'failover'> {
  const { upstream: all, s3, failover, ...others } = given
  const told = new Set<string>()
  const resolved = all.flatMap(({ upstream, s3: own, s3Path }): UpstreamConfig[] => {
    if (upstream.kind !== 's3') return [upstream]
    const each = resolveS3(upstream, own ?? s3, variables)
    if (each.ok) return [each.value]
    const path = [...s3Path, ...each.path]
    // What they have in common is wrong once.
    if (told.size !== told.add(path.join()).size)
      context.addIssue({ code: 'custom', message: each.message, path })
    return []
  })
  const [upstream, ...mirrors] = resolved
  if (upstream === undefined) return z.NEVER
  const isJudged = failover ?? (mirrors.length > 0 ? usualFailover() : null)
  return { ...others, upstream, mirrors, failover: isJudged }
}
