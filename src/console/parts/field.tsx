import type { ComponentChildren, VNode } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

export interface FieldProps {
  readonly label: string
  readonly hint?: string | undefined
  /** What is wrong with the value. */
  readonly problem?: string | undefined
  /** The label is read out only: what stands around it says the same. */
  readonly isLabelHidden?: boolean
}

interface TextFieldProps extends FieldProps {
  readonly type?: 'text' | 'password' | 'search' | 'datetime-local' | 'date'
  readonly value: string
  readonly onInput: (value: string) => void
  readonly autocomplete?: string
  readonly placeholder?: string
  readonly autoFocus?: boolean
}

/** A line to write in. */
export function TextField(props: TextFieldProps): VNode {
  const { label, hint, problem, value, onInput, type = 'text', autoFocus = false } = props
  const { autocomplete = 'off', placeholder } = props
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (autoFocus) input.current?.focus()
  }, [])
  return (
    <Labelled id={id} label={label} hint={hint} problem={problem}>
      <input
        ref={input}
        id={id}
        class="input"
        // Typed as one kind: each of them has a type of its own, which a variable can't choose.
        type={type as 'text'}
        value={value}
        autocomplete={autocomplete}
        autocapitalize="none"
        spellcheck={false}
        placeholder={placeholder}
        onInput={(event) => onInput(event.currentTarget.value)}
        {...described(id, { hint, problem })}
      />
    </Labelled>
  )
}

interface ChoiceProps extends FieldProps {
  readonly value: string
  readonly options: readonly (readonly [value: string, title: string])[]
  readonly onChange: (value: string) => void
}

/** One of several values. */
export function Choice(props: ChoiceProps): VNode {
  const { label, hint, problem, value, options, onChange, isLabelHidden = false } = props
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint} problem={problem} isLabelHidden={isLabelHidden}>
      <select
        id={id}
        class="input"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        {...described(id, { hint, problem })}
      >
        {options.map(([each, title]) => (
          <option key={each} value={each}>
            {title}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

/** What ties a control to its hint and to what is wrong, for whoever hears the page. */
export function described(
  id: string,
  { hint, problem }: Pick<FieldProps, 'hint' | 'problem'>,
): { readonly 'aria-describedby': string | undefined; readonly 'aria-invalid': true | undefined } {
  const ids = [
    ...(problem === undefined ? [] : [`${id}-problem`]),
    ...(hint === undefined ? [] : [`${id}-hint`]),
  ]
  return {
    'aria-describedby': ids.length === 0 ? undefined : ids.join(' '),
    'aria-invalid': problem === undefined ? undefined : true,
  }
}

interface RemarksProps extends Pick<FieldProps, 'hint' | 'problem'> {
  readonly id: string
}

/** What stands below a control of this id: what is wrong, and a hint. */
export function Remarks({ id, hint, problem }: RemarksProps): VNode {
  return (
    <>
      {problem === undefined ? null : (
        <p class="problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </>
  )
}

interface LabelledProps extends FieldProps {
  readonly id: string
  readonly children: ComponentChildren
}

/** A control with its label, a hint and what is wrong. */
export function Labelled({
  id,
  label,
  hint,
  problem,
  isLabelHidden = false,
  children,
}: LabelledProps): VNode {
  return (
    <div class="field">
      <label for={id} class={isLabelHidden ? 'off-screen' : undefined}>
        {label}
      </label>
      {children}
      <Remarks id={id} hint={hint} problem={problem} />
    </div>
  )
}
