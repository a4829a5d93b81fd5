import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { EVERYWHERE } from '../../../policy/key-scope.ts'
import { readPage } from '../../api/list.ts'
import type { KeyJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { Button } from '../../parts/button.tsx'
import { Check } from '../../parts/check.tsx'
import { OnceDialog } from '../../parts/once-dialog.tsx'
import { Pager } from '../../parts/pager.tsx'
import { LoadedPart } from '../../parts/section.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import { KeyTable } from './key-table.tsx'
import { NewKeyDialog } from './new-key-dialog.tsx'
import { RolesHelp } from './roles-help.tsx'

/** The keys of the management API: who may do what, and whether they still do. */
export function KeysPage(): VNode {
  useTitle('Keys')
  const { rights } = useSession()
  return (
    <div class="page">
      {rights.coversGlobs(EVERYWHERE) ? (
        <Keys />
      ) : (
        <>
          <h1>Keys</h1>
          <p>Keys are looked after by those whose own key covers all repositories; yours does not.</p>
        </>
      )}
    </div>
  )
}

function Keys(): VNode {
  const { api } = useSession()
  const [page, setPage] = useState(1)
  const [isAll, setAll] = useState(false)
  const [isMaking, setMaking] = useState(false)
  const [shown, setShown] = useState<KeyJson>()
  const loaded = useLoad(`keys ${page} ${isAll}`, (signal) =>
    readPage<KeyJson>(api, {
      path: ['keys'],
      query: { page, page_size: 50, ...(isAll ? {} : { active: 'true' }) },
      signal,
    }),
  )
  const made = (key: KeyJson): void => {
    setMaking(false)
    setShown(key)
    loaded.reload()
  }
  return (
    <>
      <div class="card-head">
        <h1>Keys</h1>
        <Button kind="primary" onClick={() => setMaking(true)}>
          New key
        </Button>
      </div>
      <div class="card">
        <Check
          label="Also those that are revoked or expired"
          isChecked={isAll}
          onChange={(isWanted) => {
            setAll(isWanted)
            setPage(1)
          }}
        />
        <LoadedPart of={loaded} what="keys">
          {(found) => (
            <>
              {found.items.length === 0 ? (
                <p class="empty">There are no keys yet. Make one for each of your colleagues and programs.</p>
              ) : (
                <KeyTable keys={found.items} onChanged={loaded.reload} onRotated={made} />
              )}
              <Pager of={found} noun="key" onPage={setPage} />
            </>
          )}
        </LoadedPart>
      </div>
      <RolesHelp />
      {isMaking ? <NewKeyDialog onDone={made} onClose={() => setMaking(false)} /> : null}
      {shown === undefined ? null : (
        <OnceDialog title="The new key" what="the key" secret={shown.key} onClose={() => setShown(undefined)}>
          <p>
            <UserText text={shown.name} />, {shown.role}
          </p>
        </OnceDialog>
      )}
    </>
  )
}
