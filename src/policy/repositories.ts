import { compileGlob } from './glob.ts'

/** Which repositories a token may be used for. */
export interface RepositoryScope {
  readonly ok: true
  readonly coversRepository: (owner: string, repo: string) => boolean
}

/** What is wrong with one entry of a list; shown to the vendor when a token is saved. */
export interface ListProblem {
  /** Position in the list, from 0. */
  readonly index: number
  readonly message: string
}

/** A list that can't be used, with everything that is wrong with it. */
export interface BadList {
  readonly ok: false
  readonly problems: readonly ListProblem[]
}

const GLOB = /^[A-Za-z0-9._*?-]+\/[A-Za-z0-9._*?-]+$/

/**
 * Compiles globs over `owner/repo`. Both halves are compared on their own, so that no wildcard reaches over the slash. An empty
 * list covers nothing.
 */
export function compileRepositoryGlobs(globs: readonly string[]): RepositoryScope | BadList {
  const problems = globs.flatMap((glob, index) =>
    GLOB.test(glob) ? [] : [{ index, message: `"${glob}" is not of the form owner/repo` }],
  )
  if (problems.length > 0) return { ok: false, problems }
  const tests = globs.map(compileOne)
  return { ok: true, coversRepository: (owner, repo) => tests.some((test) => test(owner, repo)) }
}

function compileOne(glob: string): (owner: string, repo: string) => boolean {
  const slash = glob.indexOf('/')
  const matchesOwner = compileGlob(glob.slice(0, slash))
  const matchesRepo = compileGlob(glob.slice(slash + 1))
  return (owner, repo) => matchesOwner(owner) && matchesRepo(repo)
}
