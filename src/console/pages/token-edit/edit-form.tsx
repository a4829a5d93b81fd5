import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../../api/errors.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useAction } from '../../parts/use-action.ts'
import { Link } from '../../router/link.tsx'
import { navigate } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { homeOf } from '../../words/places.ts'
import { tokenPagePath } from '../paths.ts'
import { Conflict } from '../token-form/conflict.tsx'
import { draftOf } from '../token-form/draft.ts'
import { FIELDS, type FieldName } from '../token-form/fields.ts'
import { mergeDrafts, rivalsOf } from '../token-form/merge.ts'
import { TokenFields } from '../token-form/token-fields.tsx'
import { useTokenForm } from '../token-form/use-token-form.ts'
import { readVersion, type TokenVersion } from '../token/read-version.ts'

interface EditFormProps {
  readonly opened: TokenVersion
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
  const [base, setBase] = useState(opened)
  const [theirs, setTheirs] = useState<TokenVersion>()
  const form = useTokenForm(opened.token)
  const element = useRef<HTMLFormElement>(null)
  useEffect(() => focusOn(element.current, first), [])
  const { token } = base
  const save = (): Promise<void> =>
    form.submit(async (body) => {
      try {
        if (Object.keys(body).length > 0) await api({ method: 'PATCH', path, body, ifMatch: base.tag })
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'changed') throw error
        return setTheirs(await readVersion(api, path))
      }
      announce('The token is saved.')
      navigate(tokenPagePath(token))
    })
  const goOn = (next: TokenVersion, preferTheirs: boolean): void => {
    form.rebase(next.token, mergeDrafts(draftOf(token), form.draft, next.token, { preferTheirs }))
    setBase(next)
    setTheirs(undefined)
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    void run(save)
  }
  return (
    <form ref={element} class="stack" onSubmit={submit} noValidate>
      <TokenFields form={form} home={homeOf(token)} isHidden={(name) => isHidden(name, base)} />
      {theirs === undefined ? null : (
        <Conflict
          who={theirs.token.updated_by ?? 'unknown'}
          rivals={rivalsOf(draftOf(token), form.draft, theirs.token)}
          onKeepMine={() => goOn(theirs, false)}
          onTakeTheirs={() => goOn(theirs, true)}
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
function isHidden(name: FieldName, { token }: TokenVersion): boolean {
  if (name === 'token') return true
  return name === 'previous_secret_valid_until' && token.previous_secret_valid_until === null
}
