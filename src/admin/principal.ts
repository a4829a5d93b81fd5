import { compileKeyScope, type KeyScope } from '../policy/key-scope.ts'
import { rightsOf, type Capability } from '../policy/roles.ts'

/** What somebody may do: what their role allows, where the globs cover it, until then. */
export interface Rights {
  readonly role: string
  /** Globs over `owner/repo`. */
  readonly repositories: readonly string[]
  /** First instant without these rights, epoch ms. null: there is none. */
  readonly expiresAt: number | null
}

/** Who asks the management API. How that was found out is known to auth.ts only. */
export interface Principal extends Rights, KeyScope {
  /** Permanent. Never secret. */
  readonly id: string
  readonly name: string
  readonly can: (capability: Capability) => boolean
}

/** Who did something, as the records name them. */
export interface Actor extends Pick<Principal, 'id' | 'name'> {
  /** From where: an IP address. */
  readonly address: string
}

export function createPrincipal(given: Rights & Pick<Principal, 'id' | 'name'>): Principal {
  const { id, name, role, repositories, expiresAt } = given
  const rights = rightsOf(role)
  const can = (capability: Capability): boolean => rights.includes(capability)
  return { id, name, role, repositories, expiresAt, can, ...compileKeyScope(repositories) }
}
