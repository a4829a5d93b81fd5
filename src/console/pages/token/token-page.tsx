import type { VNode } from 'preact'
import type { TokenJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { readVersion, type Version } from '../../api/version.ts'
import { LoadedPart } from '../../parts/section.tsx'
import { Link } from '../../router/link.tsx'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import type { PageProps } from '../page.ts'
import { Agreements } from './agreements.tsx'
import { AuditTrail } from './audit-trail.tsx'
import { Clients } from './clients.tsx'
import { DownloadLog } from './download-log.tsx'
import { History } from './history.tsx'
import { Packages } from './packages.tsx'
import { Secret } from './secret.tsx'
import { Settings } from './settings.tsx'
import { SetUp } from './set-up.tsx'
import type { OpenToken } from './token-context.ts'
import { TokenHead } from './token-head.tsx'
import { UsageGauges } from './usage-gauges.tsx'

/** All about one token: what it may, what was done with it, why it fails. */
export function TokenPage({ params }: PageProps): VNode {
  const { api, rights } = useSession()
  const { owner = '', repo = '', id = '' } = params
  const path = ['entitlements', owner, repo, id]
  const loaded = useLoad(path.join('/'), (signal) => readVersion<TokenJson>(api, path, signal))
  const open = ({ item: token, tag }: Version<TokenJson>): OpenToken => {
    const covers = rights.coversGlobs(token.repositories ?? [`${owner}/${repo}`])
    return {
      token,
      tag,
      path,
      reload: loaded.reload,
      mayChange: covers && rights.can('tokens:change'),
      maySeeSecret: covers && rights.can('tokens:secrets'),
    }
  }
  return (
    <div class="page">
      <p class="crumbs">
        <Link to="/tokens">Tokens</Link>
      </p>
      <LoadedPart of={loaded} what="the token">
        {(read) => <OpenTokenView open={open(read)} />}
      </LoadedPart>
    </div>
  )
}

function OpenTokenView({ open }: { readonly open: OpenToken }): VNode {
  useTitle(open.token.name)
  const { rights } = useSession()
  return (
    <>
      <TokenHead open={open} />
      <div class="columns">
        <div class="stack">
          <UsageGauges token={open.token} />
          {rights.can('figures:read') ? <History path={open.path} /> : null}
          <DownloadLog token={open.token} />
          <Packages path={open.path} />
          <Clients open={open} />
          <Agreements open={open} />
        </div>
        <div class="stack">
          <Secret open={open} />
          <SetUp open={open} />
          <Settings token={open.token} />
          {rights.can('audit:read') ? <AuditTrail token={open.token} /> : null}
        </div>
      </div>
    </>
  )
}
