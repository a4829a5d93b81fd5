import { object, type Description } from './description.ts'

export const GATE: Readonly<Record<string, Description>> = {
  'POST /explain': {
    id: 'explain_create',
    tag: 'Gate',
    summary: 'Say what the gate would do with a request, and why',
    more: 'Changes nothing, and charges nothing.',
    body: 'ExplainRequest',
    reply: object('Explanation'),
  },
  'POST /cache/purge': {
    id: 'cache_purge',
    tag: 'Gate',
    summary: 'Forget small files that are kept in memory',
    body: 'PurgeRequest',
    reply: object('Purged'),
  },
}
