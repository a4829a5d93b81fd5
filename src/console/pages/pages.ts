import { AuditPage } from './audit/audit-page.tsx'
import { ExplainPage } from './explain/explain-page.tsx'
import { ImportPage } from './import/import-page.tsx'
import { KeysPage } from './keys/keys-page.tsx'
import { OverviewPage } from './overview/overview-page.tsx'
import type { Page } from './page.ts'
import { SyncPage } from './sync/sync-page.tsx'
import { DownloadersPage } from './usage/downloaders-page.tsx'
import { LogPage } from './usage/log-page.tsx'
import { UsagePage } from './usage/usage-page.tsx'
import { TokenPage } from './token/token-page.tsx'
import { TokenEditPage } from './token-edit/token-edit-page.tsx'
import { TokenNewPage } from './token-new/token-new-page.tsx'
import { TokensPage } from './tokens/tokens-page.tsx'
import { WebhookPage } from './webhooks/webhook-page.tsx'
import { WebhooksPage } from './webhooks/webhooks-page.tsx'

/** All pages, in the order of the menu. */
export const PAGES: readonly Page[] = [
  { path: '/', menu: 'Overview', view: OverviewPage },
  { path: '/tokens', menu: 'Tokens', needs: 'tokens:read', view: TokensPage },
  { path: '/tokens/new', needs: 'tokens:change', view: TokenNewPage },
  { path: '/tokens/import', needs: 'tokens:change', view: ImportPage },
  { path: '/tokens/copy', needs: 'tokens:change', view: SyncPage },
  { path: '/tokens/:owner/:repo/:id', needs: 'tokens:read', view: TokenPage },
  { path: '/tokens/:owner/:repo/:id/edit', needs: 'tokens:change', view: TokenEditPage },
  { path: '/usage/:owner/:repo', needs: 'figures:read', view: UsagePage },
  { path: '/usage/:owner/:repo/package', needs: 'tokens:read', view: DownloadersPage },
  { path: '/usage/:owner/:repo/log', needs: 'tokens:read', view: LogPage },
  { path: '/explain', menu: 'Explain', needs: 'requests:explain', view: ExplainPage },
  { path: '/audit', menu: 'Changes', needs: 'audit:read', view: AuditPage },
  { path: '/keys', menu: 'Keys', needs: 'keys:manage', view: KeysPage },
  { path: '/webhooks', menu: 'Webhooks', needs: 'webhooks:manage', view: WebhooksPage },
  { path: '/webhooks/:owner/:id', needs: 'webhooks:manage', view: WebhookPage },
]
