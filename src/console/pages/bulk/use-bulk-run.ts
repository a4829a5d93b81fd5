import { useEffect, useState } from 'preact/hooks'
import { now } from '../../clock.ts'
import { useAction } from '../../parts/use-action.ts'
import { useSession } from '../../session/context.ts'
import { changeMany, type Outcome, type Target } from './change-many.ts'
import { wishFor, type NewEnd, type Verb } from './verbs.ts'

/** How far something is that is done with many tokens. */
export interface BulkRun {
  /** What would come of it; undefined: not known yet. */
  readonly foreseen: Outcome | undefined
  /** What came of it. */
  readonly outcome: Outcome | undefined
  /** How many have been seen to. */
  readonly seen: number
  /** It was begun, and may have been done with some. */
  readonly isBegun: boolean
  readonly isBusy: boolean
  readonly problem: string | undefined
  /** Finds out what would come of it. */
  readonly look: (end: NewEnd | undefined) => void
  /** Does what was looked at. */
  readonly carryOut: () => void
}

/** Looks at once where nothing has to be chosen first. */
export function useBulkRun(verb: Verb, targets: readonly Target[]): BulkRun {
  const { api } = useSession()
  const { run, isBusy, problem } = useAction()
  const [end, setEnd] = useState<NewEnd>()
  const [seen, setSeen] = useState(0)
  const [foreseen, setForeseen] = useState<Outcome>()
  const [outcome, setOutcome] = useState<Outcome>()
  const [isBegun, setBegun] = useState(false)
  const change = (isDryRun: boolean, wanted: NewEnd | undefined): Promise<Outcome> => {
    setSeen(0)
    return changeMany(api, targets, wishFor(verb, wanted, now()), { isDryRun, onProgress: setSeen })
  }
  const look = (wanted: NewEnd | undefined): void => {
    setEnd(wanted)
    void run(async () => setForeseen(await change(true, wanted)))
  }
  const carryOut = (): void =>
    void run(async () => {
      setBegun(true)
      setOutcome(await change(false, end))
    })
  useEffect(() => {
    if (verb !== 'extend') look(undefined)
  }, [])
  return { foreseen, outcome, seen, isBegun, isBusy, problem, look, carryOut }
}
