import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { TokenJson } from '../../api/types.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { PlaceChoice } from '../../parts/place-choice.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Section } from '../../parts/section.tsx'
import { useAction } from '../../parts/use-action.ts'
import { Link } from '../../router/link.tsx'
import { useSession } from '../../session/context.ts'
import { listPath, type TokenPlace } from '../../words/places.ts'
import { NEW_TOKEN } from '../token-form/draft.ts'
import { TokenFields } from '../token-form/token-fields.tsx'
import { useTokenForm } from '../token-form/use-token-form.ts'

interface NewFormProps {
  readonly places: readonly TokenPlace[]
  readonly first: TokenPlace
  readonly onCreated: (token: TokenJson) => void
}

/** A form over all that can be said of a new token. Whatever is left as it is has the API's default. */
export function NewForm({ places, first, onCreated }: NewFormProps): VNode {
  const { api, rights } = useSession()
  const announce = useAnnounce()
  const { run, isBusy, problem } = useAction()
  const [home, setHome] = useState(first)
  const form = useTokenForm(NEW_TOKEN)
  const create = (): Promise<void> =>
    form.submit(async (body) => {
      const query = rights.can('tokens:secrets') ? { show_tokens: 'true' } : {}
      const reply = await api({ method: 'POST', path: listPath(home), query, body })
      announce('The token is made.')
      onCreated(reply.body as TokenJson)
    })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    void run(create)
  }
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <Section title="Where it belongs">
        <div class="fields">
          <PlaceChoice
            label="Made in"
            place={home}
            places={places}
            hint="It opens this repository, unless its list of repositories says otherwise."
            onChange={setHome}
          />
        </div>
      </Section>
      <TokenFields form={form} home={home} isHidden={(name) => name === 'previous_secret_valid_until'} />
      <div class="save-bar">
        <Problem text={problem} />
        <div class="row">
          <Button kind="primary" type="submit" isBusy={isBusy}>
            Make the token
          </Button>
          <Link to="/tokens" class="button button-plain">
            Cancel
          </Link>
        </div>
      </div>
    </form>
  )
}
