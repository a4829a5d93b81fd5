import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { ApiError, type FieldMessages } from '../../api/errors.ts'
import type { TokenJson } from '../../api/types.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
import { useAction } from '../../parts/use-action.ts'
import { Link } from '../../router/link.tsx'
import { navigate } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { tokenPagePath } from '../paths.ts'
import { API_FIELDS, changesIn, draftOf, type Draft } from './draft.ts'

interface EditFormProps {
  readonly token: TokenJson
  readonly tag: string | undefined
  /** Segments of the API's path of the token. */
  readonly path: readonly string[]
}

/** A form over some fields of a token. Only what was changed is sent, and only if nobody else changed the token meanwhile. */
export function EditForm({ token, tag, path }: EditFormProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const { run, isBusy, problem } = useAction()
  const [draft, setDraft] = useState(() => draftOf(token))
  const [messages, setMessages] = useState<FieldMessages>({})
  const save = async (): Promise<void> => {
    setMessages({})
    const body = changesIn(draft, token)
    try {
      if (Object.keys(body).length > 0) await api({ method: 'PATCH', path, body, ifMatch: tag })
    } catch (error) {
      if (error instanceof ApiError) setMessages(error.fields)
      throw error
    }
    announce('The token is saved.')
    navigate(tokenPagePath(token))
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    void run(save)
  }
  const bind = (field: keyof Draft) => ({
    value: draft[field],
    onInput: (value: string) => setDraft((old) => ({ ...old, [field]: value })),
    problem: messages[API_FIELDS[field]]?.join(' '),
  })
  return (
    <form class="card form" onSubmit={submit} noValidate>
      <TextField label="Name" {...bind('name')} />
      <TextField label="Works from (UTC)" type="datetime-local" {...bind('from')} />
      <TextField
        label="Works until (UTC)"
        type="datetime-local"
        hint="Empty: without an end."
        {...bind('until')}
      />
      <TextField label="Most downloads" hint="Empty: not limited." {...bind('downloads')} />
      <TextField label="Most clients" hint="Empty: not limited." {...bind('clients')} />
      {problem === undefined ? null : (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="row">
        <Button kind="primary" type="submit" isBusy={isBusy}>
          Save
        </Button>
        <Link to={tokenPagePath(token)} class="button button-plain">
          Cancel
        </Link>
      </div>
    </form>
  )
}
