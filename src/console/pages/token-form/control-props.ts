import type { Field } from './fields.ts'

/** What a control of the form is given. */
export interface ControlProps {
  readonly field: Field
  /** As `Draft` has it. */
  readonly value: string | null
  readonly problem: string | undefined
  readonly onInput: (value: string | null) => void
}
