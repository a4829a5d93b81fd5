import { json, type Answer } from './answer.ts'
import { renderEntry } from './audit-output.ts'
import { readAuditQuery } from './audit-query.ts'
import { invalid, notFound } from './errors.ts'
import type { AdminOptions } from './options.ts'
import { pageHeaders, pageUrls, readPage } from './pagination.ts'
import { isName } from './names.ts'
import type { Call, Operation, Route } from './routes.ts'

/** Parameters that the pages of the log have in common. */
const CARRIED = ['query', 'actor', 'event', 'object', 'since', 'until'] as const

/** Cloudsmith's audit log of an owner or a repository, and ours of everything. What is no longer configured keeps its past. */
export function auditRoutes(options: AdminOptions): readonly Route[] {
  const list = (where: 'everywhere' | 'owner' | 'path'): Operation => ({
    needs: { can: 'audit:read', where },
    handle: (call) => listEntries(options, call),
  })
  return [
    { path: '/audit-log', methods: { GET: list('everywhere') } },
    { path: '/audit-log/:owner', methods: { GET: list('owner') } },
    { path: '/audit-log/:owner/:repo', methods: { GET: list('path') } },
  ]
}

async function listEntries({ store }: AdminOptions, call: Call): Promise<Answer> {
  const names = [call.param('owner'), call.param('repo')].filter((name) => name !== '')
  if (!names.every(isName)) return notFound()
  const [owner = null, repo = null] = names
  const read = readAuditQuery(call.query)
  if (!read.ok) return invalid(read.errors)
  const page = readPage(call.query)
  const { total, entries } = await store.audit.list({ owner, repo, ...read.filter, ...page })
  const urls = pageUrls(call, ['audit-log', ...names].join('/'), page, CARRIED)
  return json(200, entries.map(renderEntry), pageHeaders(page, total, urls))
}
