import { NOTHING, object, type Description, type Reply } from './description.ts'

const TEXT: Reply = { status: 200, form: 'text' }
const DOCUMENT: Reply = { status: 200, form: 'document' }

export const SERVICE: Readonly<Record<string, Description>> = {
  'GET /healthz': { id: 'healthz', tag: 'Service', summary: 'Say that the process runs', reply: TEXT },
  'GET /readyz': {
    id: 'readyz',
    tag: 'Service',
    summary: 'Say whether customers are served',
    more: '503: they are not.',
    reply: TEXT,
  },
  'GET /metrics': {
    id: 'metrics',
    tag: 'Service',
    summary: 'Figures for Prometheus',
    more: 'docs/metrics.md has them all.',
    reply: TEXT,
  },
  'GET /status/check/basic': {
    id: 'status_check_basic',
    tag: 'Service',
    summary: 'Say that the API is up',
    reply: object('Status'),
  },
  'GET /rates/limits': {
    id: 'rates_limits_list',
    tag: 'Service',
    summary: 'List limits of this API: there are none',
    reply: object('RateLimits'),
  },
  'GET /user/self': {
    id: 'user_self',
    tag: 'Service',
    summary: 'Show the key that asks, and what it may do',
    reply: object('Self'),
  },
  'POST /console/session': {
    id: 'console_session_create',
    tag: 'Service',
    summary: 'Sign in to the console',
    more: 'With the key in a header. The answer sets a cookie that stands for the key from then on; what changes something needs the header `X-Postern-Console` beside it.',
    reply: NOTHING,
  },
  'DELETE /console/session': {
    id: 'console_session_delete',
    tag: 'Service',
    summary: 'Sign out of the console',
    reply: NOTHING,
  },
  'GET /openapi.json': { id: 'openapi', tag: 'Service', summary: 'This description', reply: DOCUMENT },
  'GET /swagger': {
    id: 'swagger',
    tag: 'Service',
    summary: 'This description, where Cloudsmith’s tools look for one',
    reply: DOCUMENT,
  },
  'GET /docs': {
    id: 'docs',
    tag: 'Service',
    summary: 'This description as a page',
    reply: { status: 200, form: 'html' },
  },
}
