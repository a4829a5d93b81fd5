import type { VNode } from 'preact'
import type { TokenJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { LoadedPart } from '../../parts/section.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import type { PageProps } from '../page.ts'
import { tokenPagePath } from '../paths.ts'
import { EditForm } from './edit-form.tsx'

/** Changes what customers ask for most: the end, and how much. */
export function TokenEditPage({ params }: PageProps): VNode {
  useTitle('Edit a token')
  const { api } = useSession()
  const { owner = '', repo = '', id = '' } = params
  const path = ['entitlements', owner, repo, id]
  const loaded = useLoad(path.join('/'), async (signal) => {
    const { body, headers } = await api({ path, signal })
    return { token: body as TokenJson, tag: headers.get('ETag') ?? undefined }
  })
  return (
    <div class="page">
      <LoadedPart of={loaded} what="the token">
        {({ token, tag }) => (
          <div class="stack">
            <p class="crumbs">
              <Link to={tokenPagePath(token)}>
                <UserText text={token.name} class="clip" />
              </Link>
            </p>
            <h1>Edit the token</h1>
            <EditForm key={tag} token={token} tag={tag} path={path} />
          </div>
        )}
      </LoadedPart>
    </div>
  )
}
