import type { ComponentChildren, VNode } from 'preact'
import { useState } from 'preact/hooks'
import { useEdit } from '../api/use-edit.ts'
import type { Version } from '../api/version.ts'
import { useSession } from '../session/context.ts'
import type { Draft, NamedField } from '../words/merge.ts'
import { useAnnounce } from './announcer.tsx'
import { Conflict } from './conflict.tsx'
import { FormDialog } from './form-dialog.tsx'
import { useForm, type Form } from './use-form.ts'

interface EditDialogProps<Item, Name extends string> {
  /** What is edited, in a word. */
  readonly what: string
  readonly opened: Version<Item>
  /** Segments of the API's path of it. */
  readonly path: readonly string[]
  readonly fields: readonly NamedField<Name>[]
  readonly draftOf: (item: Item) => Draft<Name>
  readonly bodyOf: (draft: Draft<Name>) => Readonly<Record<Name, unknown>>
  readonly onDone: () => void
  readonly onClose: () => void
  /** The controls of the form. */
  readonly children: (
    draft: Draft<Name>,
    form: Form,
    onChange: (draft: Draft<Name>) => void,
  ) => ComponentChildren
}

/** What a form over something that others may edit, too, needs of it. */
export interface Editable {
  /** Who changed it last. */
  readonly updated_by: string | null
}

/**
 * A small form that changes something. Only what was changed is sent, and only if nobody else changed it meanwhile: else what they changed is
 * shown, and the form goes on over that.
 */
export function EditDialog<Item extends Editable, Name extends string>(
  props: EditDialogProps<Item, Name>,
): VNode {
  const { what, opened, path, fields, draftOf, bodyOf, onDone, onClose, children } = props
  const { api } = useSession()
  const announce = useAnnounce()
  const form = useForm()
  const { base, theirs, change, goOn } = useEdit(api, opened, path)
  const before = draftOf(base.item)
  const [draft, setDraft] = useState(before)
  const save = async (): Promise<void> => {
    const body = bodyOf(draft)
    const changed = fields.filter(({ name }) => draft[name] !== before[name])
    const changes = Object.fromEntries(changed.map(({ name }) => [name, body[name]]))
    if (changed.length > 0 && (await change(changes)) === undefined) return
    announce(`The ${what} is saved.`)
    onDone()
  }
  return (
    <FormDialog
      title={`Edit the ${what}`}
      verb="Save"
      form={form}
      isHeld={theirs !== undefined}
      onSubmit={() => void form.run(save)}
      onClose={onClose}
    >
      {children(draft, form, setDraft)}
      {theirs === undefined ? null : (
        <Conflict
          what={what}
          who={theirs.item.updated_by}
          fields={fields}
          before={before}
          mine={draft}
          theirs={draftOf(theirs.item)}
          onChosen={(chosen) => {
            setDraft(chosen)
            goOn()
          }}
        />
      )}
    </FormDialog>
  )
}
