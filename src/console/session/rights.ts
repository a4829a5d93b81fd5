import { compileKeyScope } from '../../policy/key-scope.ts'
import { rightsOf, type Capability } from '../../policy/roles.ts'
import type { Self } from '../api/types.ts'

/** What whoever is signed in may do: the server judges by the same code. What they may not do is not offered. */
export interface Rights {
  readonly can: (capability: Capability) => boolean
  readonly coversRepository: (owner: string, repo: string) => boolean
  /** True when each repository that one of the globs could match is covered. */
  readonly coversGlobs: (globs: readonly string[]) => boolean
}

export function rightsOfSelf({ role, repositories }: Pick<Self, 'role' | 'repositories'>): Rights {
  const rights = rightsOf(role)
  return { can: (capability) => rights.includes(capability), ...compileKeyScope(repositories) }
}
