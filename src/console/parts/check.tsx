import type { ComponentChildren, VNode } from 'preact'
import { useId } from 'preact/hooks'
import { described, Remarks, type FieldProps } from './field.tsx'

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
      <Remarks id={id} hint={hint} problem={problem} />
    </div>
  )
}
