import { useMemo, useState } from 'preact/hooks'
import { ApiError, type FieldMessages } from '../../api/errors.ts'
import { changesIn, draftOf, type Draft, type Settings } from './draft.ts'
import { FIELDS, type FieldName } from './fields.ts'
import { problemsOf, type Problems } from './problems.ts'

/** A form over a token while somebody writes in it. */
export interface TokenForm {
  readonly draft: Draft
  /** What is wrong, at the fields that were written in; at all of them once it was tried to save. */
  readonly problems: Problems
  readonly changes: Readonly<Record<string, unknown>>
  /** Counts how often the draft was replaced. */
  readonly round: number
  readonly set: (field: FieldName, value: string | null) => void
  /** Goes on over other settings with this draft. */
  readonly rebase: (settings: Settings, draft: Draft) => void
  /** Sends something. Nothing is sent while something is wrong. What the API finds wrong stands at its field. */
  readonly submit: (send: (changes: TokenForm['changes']) => Promise<void>) => Promise<void>
}

export function useTokenForm(settings: Settings): TokenForm {
  const [before, setBefore] = useState(() => draftOf(settings))
  const [draft, setDraft] = useState(before)
  const [round, setRound] = useState(0)
  const [wasTried, setTried] = useState(false)
  const [messages, setMessages] = useState<FieldMessages>({})
  const found = useMemo(() => problemsOf(draft), [draft])
  const changes = useMemo(() => changesIn(draft, before), [draft, before])
  return {
    draft,
    problems: shownProblems(found, messages, (name) => wasTried || draft[name] !== before[name]),
    changes,
    round,
    set: (field, value) => {
      setDraft((old) => ({ ...old, [field]: value }))
      setMessages(({ [field]: _mended, ...others }) => others)
    },
    rebase: (next, merged) => {
      setBefore(draftOf(next))
      setDraft(merged)
      setRound((count) => count + 1)
    },
    submit: async (send) => {
      setTried(true)
      setMessages({})
      const count = Object.keys(found).length
      if (count > 0) throw new ApiError('invalid', wrongWords(found))
      try {
        await send(changes)
      } catch (error) {
        if (error instanceof ApiError) setMessages(error.fields)
        throw error
      }
    },
  }
}

/** Names the fields: the form is longer than the window. */
function wrongWords(problems: Problems): string {
  const labels = FIELDS.filter(({ name }) => problems[name] !== undefined).map(({ label }) => label)
  return `Nothing was saved. Mend first: ${labels.join(', ')}.`
}

function shownProblems(
  found: Problems,
  messages: FieldMessages,
  isShown: (name: FieldName) => boolean,
): Problems {
  return Object.fromEntries(
    FIELDS.flatMap(({ name }) => {
      const own = isShown(name) ? found[name] : undefined
      const text = own ?? messages[name]?.join(' ')
      return text === undefined ? [] : [[name, text] as const]
    }),
  )
}
