import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { now } from '../../clock.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { TextField } from '../../parts/field.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Progress } from '../../parts/progress.tsx'
import { useAction } from '../../parts/use-action.ts'
import { useSession } from '../../session/context.ts'
import { counted } from '../../words/figures.ts'
import { changeMany, type Outcome, type Target } from './change-many.ts'
import { EndChoice } from './end-choice.tsx'
import { OutcomeWords } from './outcome-words.tsx'
import { deletePhrase, VERBS, wishFor, type NewEnd, type Verb } from './verbs.ts'

interface BulkDialogProps {
  readonly verb: Verb
  readonly targets: readonly Target[]
  /** `isChanged`: something was done. */
  readonly onClose: (isChanged: boolean) => void
}

/** Does something with many tokens: says first what would come of it, then asks, then shows how far it is and what came of it. */
export function BulkDialog({ verb, targets, onClose }: BulkDialogProps): VNode {
  const { api } = useSession()
  const { run, isBusy, problem } = useAction()
  const [end, setEnd] = useState<NewEnd>()
  const [seen, setSeen] = useState(0)
  const [foreseen, setForeseen] = useState<Outcome>()
  const [outcome, setOutcome] = useState<Outcome>()
  const [isBegun, setBegun] = useState(false)
  const { title, meaning } = VERBS[verb]
  const go = async (isDryRun: boolean, wanted: NewEnd | undefined): Promise<void> => {
    setSeen(0)
    if (!isDryRun) setBegun(true)
    const wish = wishFor(verb, wanted, now())
    const result = await changeMany(api, targets, wish, { isDryRun, onProgress: setSeen })
    if (isDryRun) setForeseen(result)
    else setOutcome(result)
  }
  useEffect(() => {
    if (verb !== 'extend') void run(() => go(true, undefined))
  }, [])
  const look = (wanted: NewEnd): void => {
    setEnd(wanted)
    void run(() => go(true, wanted))
  }
  const close = isBusy ? {} : { onClose: () => onClose(isBegun) }
  return (
    <Dialog title={`${title}: ${counted(targets.length, 'token')}`} {...close}>
      <p>{meaning}</p>
      {foreseen === undefined && verb === 'extend' ? <EndChoice isBusy={isBusy} onChoose={look} /> : null}
      {isBusy ? <Progress title="Tokens" of={targets.length} done={seen} /> : null}
      <Problem text={problem} />
      {outcome === undefined && foreseen !== undefined ? (
        <>
          <OutcomeWords verb={verb} outcome={foreseen} isForeseen />
          <Question
            verb={verb}
            foreseen={foreseen}
            isBusy={isBusy}
            onYes={() => void run(() => go(false, end))}
            onNo={() => onClose(isBegun)}
          />
        </>
      ) : (
        <>
          {outcome === undefined ? null : <OutcomeWords verb={verb} outcome={outcome} isForeseen={false} />}
          <div class="row row-end">
            <Button isDisabled={isBusy} onClick={() => onClose(isBegun)}>
              {outcome === undefined ? 'Cancel' : 'Close'}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  )
}

interface QuestionProps {
  readonly verb: Verb
  readonly foreseen: Outcome
  readonly isBusy: boolean
  readonly onYes: () => void
  readonly onNo: () => void
}

function Question({ verb, foreseen, isBusy, onYes, onNo }: QuestionProps): VNode {
  const [typed, setTyped] = useState('')
  const phrase = deletePhrase(foreseen.done)
  const isReady = verb !== 'delete' || typed.trim() === phrase
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (isReady && !isBusy && foreseen.done > 0) onYes()
  }
  return (
    <form class="stack" onSubmit={submit}>
      {verb === 'delete' && foreseen.done > 0 ? (
        <TextField label={`Type ${phrase} to confirm`} value={typed} onInput={setTyped} />
      ) : null}
      <div class="row row-end">
        <Button isDisabled={isBusy} onClick={onNo}>
          Cancel
        </Button>
        {foreseen.done === 0 ? null : (
          <Button
            kind={verb === 'delete' ? 'danger' : 'primary'}
            type="submit"
            isBusy={isBusy}
            isDisabled={!isReady}
          >
            {`${VERBS[verb].button}: ${counted(foreseen.done, 'token')}`}
          </Button>
        )}
      </div>
    </form>
  )
}
