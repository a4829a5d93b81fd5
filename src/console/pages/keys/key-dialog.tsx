import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { ROLES } from '../../../policy/roles.ts'
import type { KeyJson } from '../../api/types.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { TextArea } from '../../parts/text-area.tsx'
import { useForm } from '../../parts/use-form.ts'
import { useSession } from '../../session/context.ts'
import { entriesOf } from '../../words/entries.ts'
import { ROLE_WORDS } from './role-words.ts'

interface KeyDialogProps {
  /** undefined: a new one is made. */
  readonly apiKey?: KeyJson
  readonly onDone: (key: KeyJson) => void
  readonly onClose: () => void
}

/** Makes a key, or changes one. What a key may do is said by hand: nothing opens by default. */
export function KeyDialog({ apiKey, onDone, onClose }: KeyDialogProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const form = useForm()
  const before = {
    name: apiKey?.name ?? '',
    globs: apiKey?.repositories.join('\n') ?? '',
    end: endOf(apiKey),
  }
  const [name, setName] = useState(before.name)
  const [role, setRole] = useState<string>('viewer')
  const [globs, setGlobs] = useState(before.globs)
  const [end, setEnd] = useState(before.end)
  const send = async (): Promise<void> => {
    const repositories = entriesOf(globs)
    const fields = {
      ...(apiKey !== undefined && name === before.name ? {} : { name }),
      ...(apiKey !== undefined && globs === before.globs ? {} : { repositories }),
      ...(end === before.end ? {} : { expires_at: end === '' ? null : `${end}:00Z` }),
    }
    const { body } = await (apiKey === undefined
      ? api({ method: 'POST', path: ['keys'], body: { ...fields, role } })
      : api({ method: 'PATCH', path: ['keys', apiKey.slug_perm], body: fields }))
    announce(apiKey === undefined ? 'The key is made.' : 'The key is saved.')
    onDone(body as KeyJson)
  }
  return (
    <FormDialog
      title={apiKey === undefined ? 'New key' : 'Edit the key'}
      verb={apiKey === undefined ? 'Make the key' : 'Save'}
      form={form}
      onSubmit={() => void form.run(send)}
      onClose={onClose}
    >
      <TextField
        label="Name"
        value={name}
        onInput={setName}
        problem={form.problemOf('name')}
        hint="Whom or what it is for: the audit log names it."
        autoFocus
      />
      {apiKey === undefined ? (
        <Choice
          label="Role"
          value={role}
          options={ROLES.map((each) => [each, each])}
          onChange={setRole}
          problem={form.problemOf('role')}
          hint={ROLE_WORDS[role as keyof typeof ROLE_WORDS]}
        />
      ) : null}
      <TextArea
        label="Repositories that it covers"
        rows={3}
        value={globs}
        placeholder={'acme/*'}
        onInput={setGlobs}
        problem={form.problemOf('repositories')}
        hint="One owner/repo a line, with * and ?. Everything: */*. Empty: none."
      />
      <TextField
        label="Ends (UTC)"
        type="datetime-local"
        value={end}
        onInput={setEnd}
        problem={form.problemOf('expires_at')}
        hint="Empty: it works until it is revoked."
      />
    </FormDialog>
  )
}

function endOf(key: KeyJson | undefined): string {
  return key?.expires_at?.slice(0, 16) ?? ''
}
