/** How many there are of what a person would miss. */
export interface Counted {
  readonly tokens: number
  readonly apiKeys: number
  readonly webhooks: number
  readonly auditEntries: number
  /** Whether some token was used, deleted and unknown ones included. */
  readonly isUsed: boolean
}

/** What is in a store, in words; empty when nothing is. */
export function describeContents(counted: Counted): readonly string[] {
  const { tokens, apiKeys, webhooks, auditEntries, isUsed } = counted
  return [
    ...some(tokens, 'token', 'tokens'),
    ...some(apiKeys, 'API key', 'API keys'),
    ...some(webhooks, 'webhook', 'webhooks'),
    ...some(auditEntries, 'entry of the audit log', 'entries of the audit log'),
    ...(isUsed ? ['usage of tokens'] : []),
  ]
}

function some(count: number, one: string, many: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]
}
