import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Link } from '../../router/link.tsx'
import { navigate } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { tokenEditPath } from '../paths.ts'
import { unlessChanged } from './unless-changed.ts'
import { RefreshDialog } from './refresh-dialog.tsx'
import type { OpenToken } from './token-context.ts'

type Asking = 'refresh' | 'reset' | 'disable' | 'delete'

/** What can be done with a token. Nothing that customers would notice is done without asking. */
export function Actions({ open }: { readonly open: OpenToken }): VNode {
  const [asking, setAsking] = useState<Asking>()
  const { token } = open
  return (
    <div class="actions">
      <Link to={tokenEditPath(token)} class="button button-primary">
        Edit
      </Link>
      {token.is_active ? (
        <Button onClick={() => setAsking('disable')}>Switch off</Button>
      ) : (
        <SwitchOn open={open} />
      )}
      <Button onClick={() => setAsking('refresh')}>New secret</Button>
      <Button onClick={() => setAsking('reset')}>Reset counters</Button>
      <Button onClick={() => setAsking('delete')}>Delete</Button>
      {asking === undefined ? null : (
        <Question asking={asking} open={open} onClose={() => setAsking(undefined)} />
      )}
    </div>
  )
}

interface QuestionProps {
  readonly asking: Asking
  readonly open: OpenToken
  readonly onClose: () => void
}

function Question({ asking, open, onClose }: QuestionProps): VNode {
  const change = useChange(open)
  switch (asking) {
    case 'refresh':
      return <RefreshDialog open={open} onClose={onClose} />
    case 'reset':
      return (
        <Confirm
          title="Reset the counters?"
          verb="Reset"
          act={() => change('reset', 'The counters are at zero.')}
          onClose={onClose}
        >
          <p>Downloads, clients and bandwidth begin at zero again. What was used stays in the history.</p>
        </Confirm>
      )
    case 'disable':
      return (
        <Confirm
          title="Switch this token off?"
          verb="Switch off"
          act={() => change('disable', 'The token is switched off.')}
          onClose={onClose}
        >
          <p>From the next request on everything is refused, until it is switched on again.</p>
        </Confirm>
      )
    case 'delete':
      return <DeleteDialog open={open} onClose={onClose} />
  }
}

function SwitchOn({ open }: { readonly open: OpenToken }): VNode {
  const change = useChange(open)
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <Button onClick={() => setAsking(true)}>Switch on</Button>
      {isAsking ? (
        <Confirm
          title="Switch this token on?"
          verb="Switch on"
          act={() => change('enable', 'The token is switched on.')}
          onClose={() => setAsking(false)}
        >
          <p>It works again from the next request on, within its limits.</p>
        </Confirm>
      ) : null}
    </>
  )
}

/** Does one of the things that need no more than a word, says so, and reads the token again. */
function useChange(open: OpenToken): (verb: string, done: string) => Promise<void> {
  const { api } = useSession()
  const announce = useAnnounce()
  const { path, tag, reload } = open
  return async (verb, done) => {
    await unlessChanged(open, api({ method: 'POST', path: [...path, verb], ifMatch: tag }))
    announce(done)
    reload()
  }
}

/** A name that nobody would want to type is replaced by the id. */
const TYPEABLE = /^[\x20-\x7e]{1,40}$/

function DeleteDialog({ open, onClose }: { readonly open: OpenToken; readonly onClose: () => void }): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const { token, path, tag } = open
  const name = token.name.trim()
  const remove = async (): Promise<void> => {
    await unlessChanged(open, api({ method: 'DELETE', path, ifMatch: tag }))
    announce('The token is deleted.')
    navigate('/tokens')
  }
  return (
    <Confirm
      title="Delete this token?"
      verb="Delete for good"
      isDangerous
      typed={TYPEABLE.test(name) ? name : token.slug_perm}
      act={remove}
      onClose={onClose}
    >
      <p>Its secret works no longer, from the next request on. This can’t be undone; switching it off can.</p>
    </Confirm>
  )
}
