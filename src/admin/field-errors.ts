import type { z } from 'zod'
import type { FieldErrors } from './errors.ts'

/** Bounds of an answer: a body of 100 KB has room for ten thousand mistakes. */
const MOST_MESSAGES = 20

type Issue = Pick<z.core.$ZodIssue, 'path' | 'message'>

/** What a schema refused, by field. Names of unknown fields are the sender's own text, and not repeated. */
export function fieldErrorsOf({ issues }: z.ZodError): FieldErrors {
  const fields = Map.groupBy(issues, ({ path }) => String(path[0] ?? 'non_field_errors'))
  return new Map(
    Array.from(fields, ([field, its]) => [
      field,
      explainIssues(its.map(({ path, message }) => ({ path: path.slice(1), message }))),
    ]),
  )
}

/** What is wrong with a value. An issue inside a list says where: `[2] …`. */
export function explainIssues(issues: readonly Issue[]): readonly string[] {
  return issues.slice(0, MOST_MESSAGES).map(({ path, message }) => {
    return path.length === 0 ? message : `[${path.join('][')}] ${message}`
  })
}
