import type { VNode } from 'preact'
import type { KeyJson } from '../../api/types.ts'
import type { Loaded } from '../../api/use-load.ts'
import { unlessChanged } from '../../api/unless-changed.ts'
import type { Version } from '../../api/version.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { LoadedPart } from '../../parts/section.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { useSession } from '../../session/context.ts'
import { pathOfKey, useKey } from './use-key.ts'

interface QuestionProps {
  /** Permanent id. */
  readonly id: string
  readonly onChanged: () => void
  readonly onClose: () => void
}

interface RotateProps extends QuestionProps {
  /** With the new key itself. */
  readonly onRotated: (key: KeyJson) => void
}

/** Gives a key another secret, if nobody else changed it since it was asked. */
export function RotateKey({ id, onChanged, onRotated, onClose }: RotateProps): VNode {
  const { api, self } = useSession()
  const loaded = useKey(id)
  const title = 'Renew this key?'
  if (loaded.value === undefined) return <Opening title={title} of={loaded} onClose={onClose} />
  const { item, tag } = loaded.value
  const rotate = async (): Promise<void> => {
    const change = api({ method: 'POST', path: [...pathOfKey(id), 'rotate'], ifMatch: tag })
    const { body } = await unlessChanged(readAgain(loaded, onChanged), change)
    onRotated(body as KeyJson)
  }
  return (
    <Confirm title={title} verb="Make a new key" act={rotate} onClose={onClose}>
      <p>
        The old secret of <UserText text={item.name} /> stops working at once; whoever uses it needs the new
        one.
        {id === self.slug_perm ? ' It is your own: you will have to sign in with it again.' : ''}
      </p>
    </Confirm>
  )
}

/** Ends a key for good, if nobody else changed it since it was asked. */
export function RevokeKey({ id, onChanged, onClose }: QuestionProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const loaded = useKey(id)
  const title = 'Revoke this key?'
  if (loaded.value === undefined) return <Opening title={title} of={loaded} onClose={onClose} />
  const { item, tag } = loaded.value
  const revoke = async (): Promise<void> => {
    const change = api({ method: 'DELETE', path: pathOfKey(id), ifMatch: tag })
    await unlessChanged(readAgain(loaded, onChanged), change)
    announce('The key is revoked.')
    onChanged()
  }
  return (
    <Confirm title={title} verb="Revoke for good" isDangerous act={revoke} onClose={onClose}>
      <p>
        <UserText text={item.name} /> works no longer from the next request on, and sessions opened with it
        end. This can’t be undone.
      </p>
    </Confirm>
  )
}

/** The question and the list behind it, so that both show what is. */
function readAgain({ reload }: Loaded<Version<KeyJson>>, onChanged: () => void): () => void {
  return () => {
    reload()
    onChanged()
  }
}

interface OpeningProps {
  readonly title: string
  readonly of: Loaded<Version<KeyJson>>
  readonly onClose: () => void
}

/** While the key is read, or where it can't be. */
export function Opening({ title, of, onClose }: OpeningProps): VNode {
  return (
    <Dialog title={title} onClose={onClose}>
      <LoadedPart of={of} what="the key">
        {() => null}
      </LoadedPart>
    </Dialog>
  )
}
