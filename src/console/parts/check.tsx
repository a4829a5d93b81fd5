import type { ComponentChildren, VNode } from 'preact'
import { useId } from 'preact/hooks'
import { described, type FieldProps } from './field.tsx'

interface CheckProps extends Omit<FieldProps, 'isLabelHidden' | 'label'> {
  readonly label: ComponentChildren
  readonly isChecked: boolean
  readonly onChange: (isChecked: boolean) => void
}

/** Something that is so or not. */
export function Check({ label, hint, problem, isChecked, onChange }: CheckProps): VNode {
  const id = useId()
  return (
    <div class="field">
      <label class="check" for={id}>
        <input
          id={id}
          type="checkbox"
          checked={isChecked}
          onChange={(event) => onChange(event.currentTarget.checked)}
          {...described(id, { hint, problem })}
        />
        <span>{label}</span>
      </label>
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
    </div>
  )
}
