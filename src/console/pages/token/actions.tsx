import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { unlessChanged } from '../../api/unless-changed.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Link } from '../../router/link.tsx'
import { navigate } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { tokenEditPath } from '../paths.ts'
import { RefreshDialog } from './refresh-dialog.tsx'
import type { OpenToken } from './token-context.ts'

/** What needs no more than a word: the API's name of it, and how it is spoken of. */
const CHANGES = {
  enable: {
    title: 'Switch this token on?',
    verb: 'Switch on',
    meaning: 'It works again from the next request on, within its limits.',
    done: 'The token is switched on.',
  },
  disable: {
    title: 'Switch this token off?',
    verb: 'Switch off',
    meaning: 'From the next request on everything is refused, until it is switched on again.',
    done: 'The token is switched off.',
  },
  reset: {
    title: 'Reset the counters?',
    verb: 'Reset',
    meaning: 'Downloads, clients and bandwidth begin at zero again. What was used stays in the history.',
    done: 'The counters are at zero.',
  },
} as const

type Change = keyof typeof CHANGES
type Asking = Change | 'refresh' | 'delete'

/** What can be done with a token. Nothing that customers would notice is done without asking. */
export function Actions({ open }: { readonly open: OpenToken }): VNode {
  const [asking, setAsking] = useState<Asking>()
  const { token } = open
  const switching = token.is_active ? 'disable' : 'enable'
  return (
    <div class="actions">
      <Link to={tokenEditPath(token)} class="button button-primary">
        Edit
      </Link>
      <Button onClick={() => setAsking(switching)}>{CHANGES[switching].verb}</Button>
      <Button onClick={() => setAsking('refresh')}>New secret</Button>
      <Button onClick={() => setAsking('reset')}>Reset counters</Button>
      <Button onClick={() => setAsking('delete')}>Delete</Button>
      {asking === undefined ? null : (
        <Question asking={asking} open={open} onClose={() => setAsking(undefined)} />
      )}
    </div>
  )
}

interface AskProps {
  readonly open: OpenToken
  readonly onClose: () => void
}

function Question({ asking, ...props }: AskProps & { readonly asking: Asking }): VNode {
  switch (asking) {
    case 'refresh':
      return <RefreshDialog {...props} />
    case 'delete':
      return <DeleteDialog {...props} />
    default:
      return <ChangeDialog change={asking} {...props} />
  }
}

/** Asks, does it, says so, and reads the token again. */
function ChangeDialog({ change, open, onClose }: AskProps & { readonly change: Change }): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const { path, tag, reload } = open
  const { title, verb, meaning, done } = CHANGES[change]
  const act = async (): Promise<void> => {
    await unlessChanged(reload, api({ method: 'POST', path: [...path, change], ifMatch: tag }))
    announce(done)
    reload()
  }
  return (
    <Confirm title={title} verb={verb} act={act} onClose={onClose}>
      <p>{meaning}</p>
    </Confirm>
  )
}

/** A name that nobody would want to type is replaced by the id. */
const TYPEABLE = /^[\x20-\x7e]{1,40}$/

function DeleteDialog({ open, onClose }: AskProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const { token, path, tag, reload } = open
  const name = token.name.trim()
  const remove = async (): Promise<void> => {
    await unlessChanged(reload, api({ method: 'DELETE', path, ifMatch: tag }))
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
