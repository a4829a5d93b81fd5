import type { VNode } from 'preact'
import { Check } from '../../parts/check.tsx'
import { Choice } from '../../parts/field.tsx'
import { Problem } from '../../parts/problem.tsx'
import { EVENT_CHOICES } from './event-words.ts'

interface EventChoiceProps {
  readonly events: readonly string[]
  readonly problem: string | undefined
  readonly onChange: (events: readonly string[]) => void
}

/** Which events are sent. */
export function EventChoice({ events, problem, onChange }: EventChoiceProps): VNode {
  const isAll = events.includes('*')
  const toggle = (event: string, isWanted: boolean): void =>
    onChange(isWanted ? [...events, event] : events.filter((each) => each !== event))
  return (
    <>
      <Choice
        label="Events"
        value={isAll ? 'all' : 'chosen'}
        options={[
          ['all', 'Everything'],
          ['chosen', 'Only these'],
        ]}
        onChange={(chosen) => onChange(chosen === 'all' ? ['*'] : [])}
      />
      {isAll ? null : (
        <div class="event-choices" role="group" aria-label="Events that are sent">
          {EVENT_CHOICES.map(([event, meaning]) => (
            <Check
              key={event}
              label={event}
              hint={meaning}
              isChecked={events.includes(event)}
              onChange={(isWanted) => toggle(event, isWanted)}
            />
          ))}
        </div>
      )}
      <Problem text={problem} />
    </>
  )
}
