/** What a key of the management API may be used for. docs/keys.md has the table. */
export const ROLES = ['admin', 'entitlements', 'viewer', 'metrics'] as const

export type Role = (typeof ROLES)[number]

/** What an operation of the management API asks of a role. */
export type Capability =
  /** To see which repositories there are. */
  | 'repositories:read'
  | 'tokens:read'
  /** To see the secrets of tokens, and by that to use them. */
  | 'tokens:secrets'
  | 'tokens:change'
  | 'figures:read'
  | 'cache:purge'
  | 'requests:explain'
  | 'keys:manage'
  | 'audit:read'
  | 'webhooks:manage'

const TOKENS: readonly Capability[] = ['repositories:read', 'tokens:read', 'tokens:secrets', 'tokens:change']

/** Everything that each role may do; what is not here it may not. */
const RIGHTS: ReadonlyMap<string, readonly Capability[]> = new Map<Role, readonly Capability[]>([
  [
    'admin',
    [
      ...TOKENS,
      'figures:read',
      'cache:purge',
      'requests:explain',
      'keys:manage',
      'audit:read',
      'webhooks:manage',
    ],
  ],
  ['entitlements', TOKENS],
  ['viewer', ['repositories:read', 'tokens:read', 'figures:read', 'audit:read']],
  ['metrics', ['repositories:read', 'figures:read']],
])

/** A role of another version than this one may do nothing. */
export function rightsOf(role: string): readonly Capability[] {
  return RIGHTS.get(role) ?? []
}
