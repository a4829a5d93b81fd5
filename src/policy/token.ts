import { compileRepositoryGlobs } from './repositories.ts'
import { compilePackageRules } from './scope.ts'
import type { Token, TokenRecord } from './types.ts'

/**
 * Makes a token ready to judge requests. Rules that do not compile (they were checked when the token was saved, perhaps by another
 * version) cover nothing.
 */
export function compileToken(record: TokenRecord): Token {
  return { record, coversRepository: repositoryTest(record), covers: packageTest(record) }
}

function repositoryTest({ owner, repo, repositories }: TokenRecord): Token['coversRepository'] {
  if (repositories === null) return (askedOwner, askedRepo) => askedOwner === owner && askedRepo === repo
  const scope = compileRepositoryGlobs(repositories)
  return scope.ok ? scope.coversRepository : nothing
}

function packageTest({ packages }: TokenRecord): Token['covers'] {
  if (packages === null) return everything
  const scope = compilePackageRules(packages)
  return scope.ok ? scope.covers : nothing
}

const everything = (): boolean => true
const nothing = (): boolean => false
