import type { z } from 'zod'
import type { FieldErrors } from './errors.ts'

/** What a schema refused, by field. Names of unknown fields are the sender's own text, and not repeated. */
export function fieldErrorsOf({ issues }: z.ZodError): FieldErrors {
  const errors = new Map<string, readonly string[]>()
  for (const { path, message } of issues) {
    const field = String(path[0] ?? 'non_field_errors')
    errors.set(field, [...(errors.get(field) ?? []), message])
  }
  return errors
}
