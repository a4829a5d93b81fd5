import type { VNode } from 'preact'
import { useId } from 'preact/hooks'
import { described, Labelled, type FieldProps } from './field.tsx'

interface FileFieldProps extends FieldProps {
  /** Ends of names, like `.csv,.json`. */
  readonly accept: string
  readonly onChoose: (file: File | undefined) => void
}

/** A file of whoever sits there. */
export function FileField({ label, hint, problem, accept, onChoose }: FileFieldProps): VNode {
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint} problem={problem}>
      <input
        id={id}
        class="input"
        type="file"
        accept={accept}
        onChange={(event) => onChoose(event.currentTarget.files?.[0])}
        {...described(id, { hint, problem })}
      />
    </Labelled>
  )
}
