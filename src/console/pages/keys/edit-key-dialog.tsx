import type { VNode } from 'preact'
import { EditDialog } from '../../parts/edit-dialog.tsx'
import { KEY_FIELDS, keyBodyOf, keyDraftOf } from './key-draft.ts'
import { KeyFields } from './key-fields.tsx'
import { Opening } from './key-questions.tsx'
import { pathOfKey, useKey } from './use-key.ts'

interface EditKeyDialogProps {
  /** Permanent id. */
  readonly id: string
  readonly onDone: () => void
  readonly onClose: () => void
}

/** Changes a key. */
export function EditKeyDialog({ id, onDone, onClose }: EditKeyDialogProps): VNode {
  const loaded = useKey(id)
  if (loaded.value === undefined) return <Opening title="Edit the key" of={loaded} onClose={onClose} />
  return (
    <EditDialog
      what="key"
      opened={loaded.value}
      path={pathOfKey(id)}
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
