import type { VNode } from 'preact'
import type { TokenJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { readVersion } from '../../api/version.ts'
import { LoadedPart } from '../../parts/section.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import type { PageProps } from '../page.ts'
import { tokenPagePath } from '../paths.ts'
import { EditForm } from './edit-form.tsx'

/** Changes any setting of a token. */
export function TokenEditPage({ params, query }: PageProps): VNode {
  useTitle('Edit a token')
  const { api } = useSession()
  const { owner = '', repo = '', id = '' } = params
  const path = ['entitlements', owner, repo, id]
  const loaded = useLoad(path.join('/'), (signal) => readVersion<TokenJson>(api, path, signal))
  return (
    <div class="page">
      <LoadedPart of={loaded} what="the token">
        {(opened) => (
          <div class="stack">
            <p class="crumbs">
              <Link to={tokenPagePath(opened.item)}>
                <UserText text={opened.item.name} class="clip" />
              </Link>
            </p>
            <h1>Edit the token</h1>
            <EditForm opened={opened} path={path} first={query.get('field')} />
          </div>
        )}
      </LoadedPart>
    </div>
  )
}
