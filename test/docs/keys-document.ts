import { readFileSync } from 'node:fs'
import { allRoutes } from '../../src/admin/all-routes.ts'
import type { AdminOptions } from '../../src/admin/app.ts'
import type { Needs } from '../../src/admin/permission.ts'
import { rightsOf, ROLES, type Capability } from '../../src/policy/roles.ts'
import { renderTable, replacePart } from './markdown.ts'

export const KEYS_DOCUMENT: URL = new URL('../../docs/keys.md', import.meta.url)

/** What each right means to the vendor. */
const MEANING: Readonly<Record<Capability, string>> = {
  'repositories:read': 'see repositories',
  'tokens:read': 'see tokens, and what they used',
  'tokens:secrets': 'see the secrets of tokens',
  'tokens:change': 'make, change and delete tokens',
  'figures:read': 'see figures of usage',
  'cache:purge': 'purge the cache',
  'requests:explain': 'explain requests',
  'keys:manage': 'manage keys',
  'audit:read': 'see who changed what',
  'webhooks:manage': 'manage webhooks',
}

/** docs/keys.md as it is, with the parts that the code decides as they should be. */
export function renderKeysDocument(): string {
  const text = readFileSync(KEYS_DOCUMENT, 'utf8')
  return replacePart(replacePart(text, 'roles', renderRoles()), 'operations', renderOperations())
}

function renderRoles(): string {
  const rows = Object.entries(MEANING).map(([capability, meaning]) => [
    meaning,
    ...ROLES.map((role) => ((rightsOf(role) as readonly string[]).includes(capability) ? 'yes' : '')),
  ])
  return renderTable([['may', ...ROLES.map((role) => `\`${role}\``)], ...rows])
}

function renderOperations(): string {
  const rows = allRoutes({} as AdminOptions).flatMap((route) => {
    const path = `${route.path.replaceAll(/:(\w+)/g, '{$1}')}/`
    if ('notOffered' in route) return []
    if ('open' in route) return [[`\`GET ${route.path}\``, 'no key', '']]
    return Object.entries(route.methods).map(([method, { needs }]) => [
      `\`${method} ${path}\``,
      ...describeNeeds(needs),
    ])
  })
  return renderTable([['request', 'needs a key that may', 'over'], ...rows])
}

const PLACES = {
  path: 'the repository of the path',
  owner: 'all repositories of the owner',
  body: 'the `repository` of the body',
  everywhere: 'everything',
  covered: 'those that it covers',
} as const

function describeNeeds(needs: Needs): readonly string[] {
  return needs === 'any key' ? ['any key', ''] : [MEANING[needs.can], PLACES[needs.where]]
}
