import { useState } from 'preact/hooks'
import { messageOf } from '../api/errors.ts'

/** Something that somebody sets off. */
export interface Action {
  /** Does it; true when it succeeded. While it is under way, a second call does nothing. */
  readonly run: (act: () => Promise<void>) => Promise<boolean>
  readonly isBusy: boolean
  /** Why it failed, in words. */
  readonly problem: string | undefined
}

export function useAction(): Action {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const run = async (act: () => Promise<void>): Promise<boolean> => {
    if (isBusy) return false
    setBusy(true)
    setProblem(undefined)
    try {
      await act()
      return true
    } catch (error) {
      setProblem(messageOf(error))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { run, isBusy, problem }
}
