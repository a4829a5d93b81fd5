import type { Role } from '../../../policy/roles.ts'

/** What each role is for. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  admin: 'Everything: tokens, keys, webhooks, history and the audit log.',
  entitlements: 'Finds and changes tokens and sees their secrets; no sums of usage, no audit log.',
  viewer: 'Sees everything but secrets, and changes nothing.',
  metrics: 'Reads figures and the names of repositories, nothing of tokens.',
}
