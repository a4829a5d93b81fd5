import type { VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { TokenJson } from '../../api/types.ts'
import { useEdit } from '../../api/use-edit.ts'
import type { Version } from '../../api/version.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Conflict } from '../../parts/conflict.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useAction } from '../../parts/use-action.ts'
import { Link } from '../../router/link.tsx'
import { navigate } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { homeOf } from '../../words/places.ts'
import { tokenPagePath } from '../paths.ts'
import { draftOf } from '../token-form/draft.ts'
import { FIELDS, type FieldName } from '../token-form/fields.ts'
import { TokenFields } from '../token-form/token-fields.tsx'
import { useTokenForm } from '../token-form/use-token-form.ts'

interface EditFormProps {
  readonly opened: Version<TokenJson>
  /** Segments of the API's path of the token. */
  readonly path: readonly string[]
  /** The field to begin with, by the API's name. */
  readonly first: string | null
}

/**
 * A form over all fields of a token. Only what was changed is sent, and only if nobody else changed the token meanwhile: else what they
 * changed is shown, and the form goes on over that.
 */
export function EditForm({ opened, path, first }: EditFormProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const { run, isBusy, problem } = useAction()
  const { base, theirs, change, goOn } = useEdit(api, opened, path)
  const form = useTokenForm(opened.item)
  const element = useRef<HTMLFormElement>(null)
  useEffect(() => focusOn(element.current, first), [])
  const { item: token } = base
  const save = (): Promise<void> =>
    form.submit(async (body) => {
      if (Object.keys(body).length > 0 && (await change(body)) === undefined) return
      announce('The token is saved.')
      navigate(tokenPagePath(token))
    })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    void run(save)
  }
  return (
    <form ref={element} class="stack" onSubmit={submit} noValidate>
      <TokenFields form={form} home={homeOf(token)} isHidden={(name) => isHidden(name, token)} />
      {theirs === undefined ? null : (
        <Conflict
          what="token"
          who={theirs.item.updated_by}
          fields={FIELDS}
          before={draftOf(token)}
          mine={form.draft}
          theirs={draftOf(theirs.item)}
          onChosen={(draft) => {
            form.rebase(theirs.item, draft)
            goOn()
          }}
        />
      )}
      <div class="save-bar">
        <Problem text={problem} />
        <div class="row">
          <Button kind="primary" type="submit" isBusy={isBusy} isDisabled={theirs !== undefined}>
            Save
          </Button>
          <Link to={tokenPagePath(token)} class="button button-plain">
            Cancel
          </Link>
        </div>
      </div>
    </form>
  )
}

function focusOn(form: HTMLFormElement | null, name: string | null): void {
  const field = FIELDS.find((each) => each.name === name)
  const labels = Array.from(form?.querySelectorAll('label') ?? [])
  labels.find((each) => each.textContent === field?.label)?.control?.focus()
}

/** A new secret is given on the page of the token, where the old one can go on for a while. */
function isHidden(name: FieldName, token: TokenJson): boolean {
  if (name === 'token') return true
  return name === 'previous_secret_valid_until' && token.previous_secret_valid_until === null
}
