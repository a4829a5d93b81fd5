import { readFields, unexpected } from './json-fields.ts'
import { padEnd, widthOf, wrap, type Signs } from './text.ts'

export interface Explanation {
  readonly allowed: boolean
  readonly steps: readonly { readonly step: string; readonly ok: boolean; readonly result: string }[]
  readonly answer: {
    readonly status: number
    readonly code: string | null
    readonly title: string | null
    readonly detail: string | null
  }
}

/** @throws CliError when it is none. */
export function readExplanation(value: unknown): Explanation {
  const { flag, list, raw } = readFields(value)
  const allowed = flag('allowed')
  const answer = readFields(raw('answer'))
  const status = answer.number('status')
  if (allowed === null || status === null) throw unexpected()
  return {
    allowed,
    steps: list('steps').map(readStep),
    answer: {
      status,
      code: answer.text('code'),
      title: answer.text('title'),
      detail: answer.text('detail'),
    },
  }
}

function readStep(value: unknown): Explanation['steps'][number] {
  const { text, flag } = readFields(value)
  return { step: text('step') ?? '', ok: flag('ok') ?? false, result: text('result') ?? '' }
}

export interface ExplanationView {
  readonly request: string
  readonly width: number | undefined
  readonly signs: Signs
}

/** A line for each step, and one that says what the client would get. */
export function renderExplanation({ allowed, steps, answer }: Explanation, view: ExplanationView): string {
  const widest = Math.max(0, ...steps.map(({ step }) => widthOf(step)))
  const { yes, no } = view.signs
  const lines = steps.flatMap(({ step, ok, result }) =>
    hang(`${ok ? yes : no} ${padEnd(step, widest)}  `, result, view.width),
  )
  const told = steps.some(({ ok, result }) => !ok && answer.detail !== null && result.includes(answer.detail))
  const end = [
    `${allowed ? 'Allowed' : 'Refused'}: the client gets ${answer.status}${titleOf(answer)}.`,
    told ? '' : (answer.detail ?? ''),
  ]
  const last = wrap(end.join(' ').trim(), view.width ?? Infinity)
  return [view.request, '', ...lines, '', ...last, ''].join('\n')
}

function titleOf({ title, code }: Explanation['answer']): string {
  return `${title === null ? '' : ` ${title}`}${code === null ? '' : ` (${code})`}`
}

/** `text` behind `label`, its further lines below its first. */
function hang(label: string, text: string, width = Infinity): string[] {
  const indent = widthOf(label)
  return wrap(text, Math.max(20, width - indent)).map(
    (line, index) => (index === 0 ? label : ' '.repeat(indent)) + line,
  )
}
