import { PAGES } from '../parameters.ts'
import { page, type Description } from './description.ts'

const AUDIT: readonly string[] = [...PAGES, 'audit_query', 'actor', 'event', 'object', 'since', 'until']

export const AUDIT_LOG: Readonly<Record<string, Description>> = {
  'GET /audit-log': {
    id: 'audit_log_list',
    tag: 'Audit log',
    summary: 'List all changes, newest first',
    query: AUDIT,
    reply: page('AuditEntry'),
  },
  'GET /audit-log/:owner': {
    id: 'audit_log_namespace_list',
    tag: 'Audit log',
    summary: 'List the changes about an owner',
    query: AUDIT,
    reply: page('AuditEntry'),
  },
  'GET /audit-log/:owner/:repo': {
    id: 'audit_log_repo_list',
    tag: 'Audit log',
    summary: 'List the changes about a repository',
    query: AUDIT,
    reply: page('AuditEntry'),
  },
}
