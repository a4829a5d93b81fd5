import { useCallback, useEffect, useState } from 'preact/hooks'

/** Something that is read from the API. While it is read again, the old value stays. */
export interface Loaded<Value> {
  readonly value: Value | undefined
  readonly error: unknown
  readonly isLoading: boolean
  readonly reload: () => void
}

interface State<Value> {
  readonly value: Value | undefined
  readonly error: unknown
  readonly isLoading: boolean
  /** What `value` was read for. */
  readonly key: string | undefined
}

const NOTHING = { value: undefined, error: undefined, isLoading: true, key: undefined }

/**
 * Reads something, and again whenever `key` changes: it says all that `load` depends on. What is under way then is abandoned. A value that was
 * read for a key of another `subject` (what comes before the first space) is not shown meanwhile.
 */
export function useLoad<Value>(key: string, load: (signal: AbortSignal) => Promise<Value>): Loaded<Value> {
  const [state, setState] = useState<State<Value>>(NOTHING)
  const [round, setRound] = useState(0)
  useEffect(() => {
    const abortion = new AbortController()
    setState((old) => ({
      ...(subjectOf(old.key) === subjectOf(key) ? old : NOTHING),
      error: undefined,
      isLoading: true,
    }))
    void settle(load(abortion.signal), (change) => {
      if (!abortion.signal.aborted) setState((old) => ({ ...old, ...change(key) }))
    })
    return () => abortion.abort()
  }, [key, round])
  const reload = useCallback(() => setRound((count) => count + 1), [])
  return { value: state.value, error: state.error, isLoading: state.isLoading, reload }
}

/** Tells what became of what is loaded. */
async function settle<Value>(
  loading: Promise<Value>,
  tell: (change: (key: string) => Partial<State<Value>>) => void,
): Promise<void> {
  try {
    const value = await loading
    tell((key) => ({ value, error: undefined, isLoading: false, key }))
  } catch (error) {
    tell(() => ({ error, isLoading: false }))
  }
}

function subjectOf(key: string | undefined): string | undefined {
  return key?.split(' ', 1)[0]
}
