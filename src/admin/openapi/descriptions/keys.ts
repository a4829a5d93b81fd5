import { PAGES } from '../parameters.ts'
import { NOTHING, page, tagged, type Description } from './description.ts'

export const KEYS: Readonly<Record<string, Description>> = {
  'GET /keys': {
    id: 'keys_list',
    tag: 'Keys',
    summary: 'List the keys of this API',
    query: ['active', ...PAGES],
    reply: page('Key'),
  },
  'POST /keys': {
    id: 'keys_create',
    tag: 'Keys',
    summary: 'Make a key, and show it this once',
    body: 'KeyCreation',
    reply: tagged('Key', 201),
  },
  'GET /keys/:slug_perm': {
    id: 'keys_read',
    tag: 'Keys',
    summary: 'Show what is known of a key',
    reply: tagged('Key'),
  },
  'PATCH /keys/:slug_perm': {
    id: 'keys_partial_update',
    tag: 'Keys',
    summary: 'Change name, repositories or end of a key',
    body: 'KeyChange',
    reply: tagged('Key'),
  },
  'DELETE /keys/:slug_perm': {
    id: 'keys_delete',
    tag: 'Keys',
    summary: 'Revoke a key for good',
    reply: NOTHING,
  },
  'POST /keys/:slug_perm/rotate': {
    id: 'keys_rotate',
    tag: 'Keys',
    summary: 'Give a key another secret, and show it this once',
    reply: tagged('Key'),
  },
}
