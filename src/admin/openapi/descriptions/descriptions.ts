import { AUDIT_LOG } from './audit-log.ts'
import type { Description } from './description.ts'
import { GATE } from './gate.ts'
import { KEYS } from './keys.ts'
import { REPOSITORIES } from './repositories.ts'
import { SERVICE } from './service.ts'
import { TOKENS } from './tokens.ts'
import { USAGE } from './usage.ts'
import { WEBHOOKS } from './webhooks.ts'

/** Every operation of the routes, by method and path. */
export const DESCRIPTIONS: Readonly<Record<string, Description>> = {
  ...TOKENS,
  ...USAGE,
  ...REPOSITORIES,
  ...KEYS,
  ...AUDIT_LOG,
  ...WEBHOOKS,
  ...GATE,
  ...SERVICE,
}
