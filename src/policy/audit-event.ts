/** What can be done through the management API and leaves an entry in the audit log. Cloudsmith's names where it has one. */
export type AuditEvent =
  | 'repo.entitlement.created'
  | 'repo.entitlement.updated'
  | 'repo.entitlement.secret_updated'
  | 'repo.entitlement.enabled'
  | 'repo.entitlement.disabled'
  | 'repo.entitlement.reset'
  | 'repo.entitlement.client_released'
  | 'repo.entitlement.eula_accepted'
  | 'repo.entitlement.eula_withdrawn'
  | 'repo.entitlement.deleted'
  | 'repo.token_synced'
  | 'api_key.created'
  | 'api_key.updated'
  | 'api_key.revoked'
  | 'webhook.created'
  | 'webhook.updated'
  | 'webhook.deleted'
  | 'webhook.resent'
  | 'cache.purged'

/** What each means; docs/audit.md has the same words. */
export const AUDIT_EVENTS: Readonly<Record<AuditEvent, string>> = {
  'repo.entitlement.created': 'A token was made.',
  'repo.entitlement.updated': 'Fields of a token were changed.',
  'repo.entitlement.secret_updated': 'A token was given a new secret, by a refresh or a change.',
  'repo.entitlement.enabled': 'A token was switched on.',
  'repo.entitlement.disabled': 'A token was switched off.',
  'repo.entitlement.reset': 'The counters of a token were set to zero.',
  'repo.entitlement.client_released': 'A client of a token was forgotten, so that its place is free.',
  'repo.entitlement.eula_accepted': 'A customer accepted the EULA of a repository.',
  'repo.entitlement.eula_withdrawn':
    'Acceptances of a EULA were withdrawn, so that the customer is asked again.',
  'repo.entitlement.deleted': 'A token was deleted.',
  'repo.token_synced': 'The tokens of a repository were replaced by those of another.',
  'api_key.created': 'A key of the management API was made.',
  'api_key.updated': 'Fields of a key were changed, or it was given a new secret.',
  'api_key.revoked': 'A key of the management API was revoked.',
  'webhook.created': 'A webhook was made.',
  'webhook.updated': 'Fields of a webhook were changed.',
  'webhook.deleted': 'A webhook was deleted.',
  'webhook.resent': 'A delivery of a webhook was sent again by hand.',
  'cache.purged': 'Files in the memory of the gate were forgotten.',
}

/** True for the name of an event. */
export function isAuditEvent(name: string): name is AuditEvent {
  return Object.hasOwn(AUDIT_EVENTS, name)
}
