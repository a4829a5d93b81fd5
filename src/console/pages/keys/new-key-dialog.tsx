import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { ROLES } from '../../../policy/roles.ts'
import type { KeyJson } from '../../api/types.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Choice } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { useForm } from '../../parts/use-form.ts'
import { useSession } from '../../session/context.ts'
import { keyBodyOf, NEW_KEY } from './key-draft.ts'
import { KeyFields } from './key-fields.tsx'
import { ROLE_WORDS } from './role-words.ts'

interface NewKeyDialogProps {
  /** With the key itself. */
  readonly onDone: (key: KeyJson) => void
  readonly onClose: () => void
}

/** Makes a key. What it may do is said by hand: nothing opens by default. */
export function NewKeyDialog({ onDone, onClose }: NewKeyDialogProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const form = useForm()
  const [draft, setDraft] = useState(NEW_KEY)
  const [role, setRole] = useState<string>('viewer')
  const send = async (): Promise<void> => {
    const { body } = await api({ method: 'POST', path: ['keys'], body: { ...keyBodyOf(draft), role } })
    announce('The key is made.')
    onDone(body as KeyJson)
  }
  return (
    <FormDialog
      title="New key"
      verb="Make the key"
      form={form}
      onSubmit={() => void form.run(send)}
      onClose={onClose}
    >
      <KeyFields draft={draft} form={form} onChange={setDraft}>
        <Choice
          label="Role"
          value={role}
          options={ROLES.map((each) => [each, each])}
          onChange={setRole}
          problem={form.problemOf('role')}
          hint={ROLE_WORDS[role as keyof typeof ROLE_WORDS]}
        />
      </KeyFields>
    </FormDialog>
  )
}
