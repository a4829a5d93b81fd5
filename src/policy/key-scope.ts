import { containsGlob } from './glob-containment.ts'
import { compileRepositoryGlobs } from './repositories.ts'

/** The globs of a key that is limited to nothing. */
export const EVERYWHERE: readonly string[] = ['*/*']

/** Where a key of the management API may do what its role allows. */
export interface KeyScope {
  readonly coversRepository: (owner: string, repo: string) => boolean
  /** True when each repository that one of `globs` could ever match is covered. */
  readonly coversGlobs: (globs: readonly string[]) => boolean
}

/** Compiles globs over `owner/repo`. Such that can't be read cover nothing. */
export function compileKeyScope(globs: readonly string[]): KeyScope {
  const scope = compileRepositoryGlobs(globs)
  if (!scope.ok) return NOTHING
  const halves = globs.map(halvesOf)
  const contains = (narrow: Halves): boolean => halves.some((wide) => containsHalves(wide, narrow))
  // Then also what this version can't read.
  const coversAll = contains(['*', '*'])
  return {
    coversRepository: scope.coversRepository,
    coversGlobs: (others) =>
      coversAll || (compileRepositoryGlobs(others).ok && others.map(halvesOf).every(contains)),
  }
}

const NOTHING: KeyScope = { coversRepository: () => false, coversGlobs: () => false }

type Halves = readonly [owner: string, repo: string]

function halvesOf(glob: string): Halves {
  const slash = glob.indexOf('/')
  return [glob.slice(0, slash), glob.slice(slash + 1)]
}

function containsHalves(wide: Halves, narrow: Halves): boolean {
  return containsGlob(wide[0], narrow[0]) && containsGlob(wide[1], narrow[1])
}
