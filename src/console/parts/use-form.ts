import { useState } from 'preact/hooks'
import { ApiError, type FieldMessages } from '../api/errors.ts'
import { useAction, type Action } from './use-action.ts'

/** Something that is sent with fields. */
export interface Form extends Action {
  /** What the API found wrong with a field of its. */
  readonly problemOf: (field: string) => string | undefined
}

export function useForm(): Form {
  const action = useAction()
  const [messages, setMessages] = useState<FieldMessages>({})
  const run: Action['run'] = (act) =>
    action.run(async () => {
      setMessages({})
      try {
        await act()
      } catch (error) {
        if (error instanceof ApiError) setMessages(error.fields)
        throw error
      }
    })
  // A problem within a list is told by its place: `repositories.0`.
  const problemOf = (field: string): string | undefined => {
    const found = Object.entries(messages).filter(([name]) => name === field || name.startsWith(`${field}.`))
    return found.length === 0 ? undefined : found.flatMap(([, each]) => each).join(' ')
  }
  return { ...action, run, problemOf }
}
