import type { z } from 'zod'
import type { Finding, Path } from './mistake.ts'

/** What the schema refused, one finding for each value and each unknown key. */
export function explainIssue(issue: z.core.$ZodIssue): Finding[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol')
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }]
  const messages = issue.message.split('\n')
  return issue.keys.map((key, index) => explainKey([...path, key], messages[index]))
}

function explainKey(path: Path, message = 'is unknown here'): Finding {
  return { path, message, atKey: true }
}
