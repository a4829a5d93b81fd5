import type { VNode } from 'preact'
import { useId } from 'preact/hooks'
import { described, Labelled, type FieldProps } from './field.tsx'

interface TextAreaProps extends FieldProps {
  readonly value: string
  readonly rows?: number
  readonly placeholder?: string | undefined
  readonly onInput: (value: string) => void
}

/** Several lines to write in, in letters of one width. */
export function TextArea(props: TextAreaProps): VNode {
  const { label, hint, problem, value, rows = 4, placeholder, onInput, isLabelHidden = false } = props
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint} problem={problem} isLabelHidden={isLabelHidden}>
      <textarea
        id={id}
        class="input area"
        rows={rows}
        value={value}
        spellcheck={false}
        autocapitalize="none"
        placeholder={placeholder}
        onInput={(event) => onInput(event.currentTarget.value)}
        {...described(id, { hint, problem })}
      />
    </Labelled>
  )
}
