import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import type { NewEnd } from './verbs.ts'

interface EndChoiceProps {
  readonly isBusy: boolean
  readonly onChoose: (end: NewEnd) => void
}

/** Asks for another end of tokens. */
export function EndChoice({ isBusy, onChoose }: EndChoiceProps): VNode {
  const [how, setHow] = useState('days')
  const [days, setDays] = useState('365')
  const [on, setOn] = useState('')
  const [problem, setProblem] = useState<string>()
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const count = Number(days.trim())
    const isFine = how === 'on' ? on !== '' : Number.isSafeInteger(count) && count > 0 && count <= 36_500
    setProblem(isFine ? undefined : how === 'on' ? 'Choose a day.' : 'Write a number of days, such as 365.')
    if (isFine) onChoose(how === 'on' ? { on } : { days: count })
  }
  return (
    <form class="stack" onSubmit={submit} noValidate>
      <Choice
        label="How"
        value={how}
        options={[
          ['days', 'So many days longer'],
          ['on', 'All on one day'],
        ]}
        onChange={setHow}
      />
      {how === 'on' ? (
        <TextField
          label="End (UTC)"
          type="date"
          value={on}
          onInput={setOn}
          problem={problem}
          hint="They work until this day begins."
        />
      ) : (
        <TextField
          label="Days"
          value={days}
          onInput={setDays}
          problem={problem}
          hint="From the end of each, or from now where it has ended. Without an end it stays so."
        />
      )}
      <div class="row row-end">
        <Button kind="primary" type="submit" isBusy={isBusy}>
          See what would change
        </Button>
      </div>
    </form>
  )
}
