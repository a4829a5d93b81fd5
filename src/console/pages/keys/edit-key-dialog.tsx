import type { VNode } from 'preact'
import type { KeyJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { readVersion } from '../../api/version.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { EditDialog } from '../../parts/edit-dialog.tsx'
import { LoadedPart } from '../../parts/section.tsx'
import { useSession } from '../../session/context.ts'
import { KEY_FIELDS, keyBodyOf, keyDraftOf } from './key-draft.ts'
import { KeyFields } from './key-fields.tsx'

interface EditKeyDialogProps {
  /** Permanent id. */
  readonly id: string
  readonly onDone: () => void
  readonly onClose: () => void
}

/** Changes a key, as it is when the form opens: the list that it stands in may be an hour old. */
export function EditKeyDialog({ id, onDone, onClose }: EditKeyDialogProps): VNode {
  const { api } = useSession()
  const path = ['keys', id]
  const loaded = useLoad(path.join('/'), (signal) => readVersion<KeyJson>(api, path, signal))
  if (loaded.value === undefined) {
    return (
      <Dialog title="Edit the key" onClose={onClose}>
        <LoadedPart of={loaded} what="the key">
          {() => null}
        </LoadedPart>
      </Dialog>
    )
  }
  return (
    <EditDialog
      what="key"
      opened={loaded.value}
      path={path}
      fields={KEY_FIELDS}
      draftOf={keyDraftOf}
      bodyOf={keyBodyOf}
      onDone={onDone}
      onClose={onClose}
    >
      {(draft, form, onChange) => <KeyFields draft={draft} form={form} onChange={onChange} />}
    </EditDialog>
  )
}
