import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { unlessChanged } from '../../api/unless-changed.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { useSession } from '../../session/context.ts'
import type { OpenToken } from './token-context.ts'

/** Seconds for which the old secret goes on working. */
const GRACES: readonly (readonly [seconds: string, title: string])[] = [
  ['0', 'Not at all: it has leaked'],
  ['3600', 'One hour'],
  ['86400', 'One day'],
  ['604800', 'One week'],
  ['2592000', '30 days'],
]

/** Gives a token a new secret. */
export function RefreshDialog({
  open,
  onClose,
}: {
  readonly open: OpenToken
  readonly onClose: () => void
}): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const [grace, setGrace] = useState('604800')
  const [own, setOwn] = useState('')
  const { path, tag, reload } = open
  const refresh = async (): Promise<void> => {
    const body = {
      ...(grace === '0' ? {} : { previous_secret_valid_for: Number(grace) }),
      ...(own.trim() === '' ? {} : { token: own.trim() }),
    }
    await unlessChanged(reload, api({ method: 'POST', path: [...path, 'refresh'], body, ifMatch: tag }))
    announce('The token has a new secret.')
    reload()
  }
  return (
    <Confirm title="Give it a new secret?" verb="Make a new secret" act={refresh} onClose={onClose}>
      <p>
        The customer has to set up again with the new secret. Until then both can work, and share all
        counters.
      </p>
      <Choice label="The old secret goes on working" value={grace} options={GRACES} onChange={setGrace} />
      <TextField
        label="Secret of your own"
        value={own}
        onInput={setOwn}
        hint="Empty: a strong one is made, which is better."
      />
    </Confirm>
  )
}
