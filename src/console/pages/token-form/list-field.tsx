import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { Choice } from '../../parts/field.tsx'
import { TextArea } from '../../parts/text-area.tsx'
import type { ControlProps } from './control-props.ts'

const WORDS: Readonly<Record<string, readonly [all: string, none: string]>> = {
  repositories: ['Where it was made', 'An empty list opens no repository at all.'],
  limit_packages: ['All', 'An empty list opens no package at all.'],
  limit_networks: ['Any', 'An empty list lets no address in.'],
}

/** A list that may be absent, which is not the same as empty. What was typed comes back when it is wanted again. */
export function ListField({ field, value, problem, onInput }: ControlProps): VNode {
  const [kept, setKept] = useState('')
  const [all, none] = WORDS[field.name] ?? ['All', '']
  const choose = (chosen: string): void => {
    if (value !== null) setKept(value)
    onInput(chosen === 'all' ? null : kept)
  }
  return (
    <div class="stack list-field">
      <Choice
        label={field.label}
        value={value === null ? 'all' : 'listed'}
        options={[
          ['all', all],
          ['listed', 'Only these'],
        ]}
        onChange={choose}
      />
      {value === null ? null : (
        <TextArea
          label={`${field.label}, one a line`}
          isLabelHidden
          value={value}
          placeholder={field.example}
          hint={value.trim() === '' ? none : field.hint}
          problem={problem}
          onInput={onInput}
        />
      )}
    </div>
  )
}
