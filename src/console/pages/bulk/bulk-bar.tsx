import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { ApiRequest } from '../../api/client.ts'
import type { Page } from '../../api/list.ts'
import type { TokenJson } from '../../api/types.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Check } from '../../parts/check.tsx'
import { Problem } from '../../parts/problem.tsx'
import { saveFile } from '../../parts/save-file.ts'
import { useAction } from '../../parts/use-action.ts'
import { useSession } from '../../session/context.ts'
import { count, counted } from '../../words/figures.ts'
import { BulkDialog } from './bulk-dialog.tsx'
import { exportCsv } from './export.ts'
import { MOST_PICKED, readAll } from './read-all.ts'
import type { Selection } from './use-selection.ts'
import { VERBS, type Verb } from './verbs.ts'

interface BulkBarProps {
  readonly found: Page<TokenJson>
  /** How the list was asked for. */
  readonly asked: Pick<ApiRequest, 'path' | 'query'>
  readonly selection: Selection
  /** Called when tokens were changed. */
  readonly onChanged: () => void
}

/** Picks tokens of a list, and does something with all of them. */
export function BulkBar({ found, asked, selection, onChanged }: BulkBarProps): VNode {
  const { rights } = useSession()
  const { items } = found
  const isWhole = items.length > 0 && items.every(selection.has)
  return (
    <div class="bulk-bar" role="group" aria-label="Many tokens">
      <Check
        label="All on this page"
        isChecked={isWhole}
        onChange={(isPicked) => selection.set(items, isPicked)}
      />
      {selection.tokens.length > 0 ? (
        <>
          <PickAll found={found} asked={asked} selection={selection} />
          <Button kind="quiet" onClick={selection.clear}>
            Pick none
          </Button>
          <ExportButton tokens={selection.tokens} />
          {rights.can('tokens:change') ? <Verbs selection={selection} onChanged={onChanged} /> : null}
        </>
      ) : null}
    </div>
  )
}

function PickAll({ found, asked, selection }: Omit<BulkBarProps, 'onChanged'>): VNode {
  const { api } = useSession()
  const { run, isBusy, problem } = useAction()
  const [read, setRead] = useState(0)
  const pick = async (): Promise<void> => {
    setRead(0)
    selection.set(await readAll(api, asked, setRead), true)
  }
  const picked = selection.tokens.length
  const most = Math.min(found.total, MOST_PICKED)
  return (
    <>
      <strong role="status">{counted(picked, 'token')} picked</strong>
      {found.pages > 1 && picked < most ? (
        <Button kind="quiet" isBusy={isBusy} onClick={() => void run(pick)}>
          {isBusy
            ? `Reading, ${count(read)} so far…`
            : `Pick ${found.total > most ? 'the first' : 'all'} ${count(most)} that the search finds`}
        </Button>
      ) : null}
      <Problem text={problem} />
    </>
  )
}

function ExportButton({ tokens }: { readonly tokens: readonly TokenJson[] }): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const { run, isBusy, problem } = useAction()
  const save = async (): Promise<void> => {
    saveFile('tokens.csv', 'text/csv', await exportCsv(api, tokens))
    announce(`${counted(tokens.length, 'token')} exported.`)
  }
  return (
    <>
      <Button isBusy={isBusy} onClick={() => void run(save)}>
        Export CSV
      </Button>
      <Problem text={problem} />
    </>
  )
}

function Verbs({ selection, onChanged }: Pick<BulkBarProps, 'selection' | 'onChanged'>): VNode {
  const [asking, setAsking] = useState<Verb>()
  const close = (isChanged: boolean): void => {
    setAsking(undefined)
    if (!isChanged) return
    selection.clear()
    onChanged()
  }
  return (
    <>
      {(Object.keys(VERBS) as Verb[]).map((verb) => (
        <Button key={verb} onClick={() => setAsking(verb)}>
          {VERBS[verb].button}
        </Button>
      ))}
      {asking === undefined ? null : <BulkDialog verb={asking} targets={selection.tokens} onClose={close} />}
    </>
  )
}
