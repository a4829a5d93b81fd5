import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { useAnnounce } from '../../parts/announcer.tsx'
import { TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { useForm } from '../../parts/use-form.ts'
import { useSession } from '../../session/context.ts'
import { counted } from '../../words/figures.ts'

/** `owner/repo`. undefined: every repository. */
export type PurgedPlace = string | undefined

interface PurgeDialogProps {
  readonly place: PurgedPlace
  readonly onClose: () => void
}

/** Asks what is to be forgotten, and says how much it was. */
export function PurgeDialog({ place, onClose }: PurgeDialogProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const form = useForm()
  const [path, setPath] = useState('')
  const isAll = place === undefined
  const purge = async (): Promise<void> => {
    const within = path.trim() === '' ? {} : { path: path.trim() }
    const body = isAll ? {} : { repository: place, ...within }
    const reply = await api({ method: 'POST', path: ['cache', 'purge'], body })
    const { purged } = reply.body as { readonly purged: number }
    announce(`${counted(purged, 'file')} forgotten.`)
    onClose()
  }
  return (
    <FormDialog
      title={isAll ? 'Purge the cache of all repositories?' : `Purge the cache of ${place}?`}
      verb="Purge"
      form={form}
      onSubmit={() => void form.run(purge)}
      onClose={onClose}
    >
      <p>
        What this server keeps in memory of the storage is forgotten, and fetched anew when it is asked for.
        Other hosts keep what they have.
      </p>
      {isAll ? null : (
        <TextField
          label="File or folder"
          value={path}
          onInput={setPath}
          placeholder="dists/stable"
          problem={form.problemOf('path')}
          hint="As it lies in the repository. Empty: the whole repository."
        />
      )}
    </FormDialog>
  )
}
