import type { VNode } from 'preact'
import { messageOf } from '../api/errors.ts'
import { Button } from './button.tsx'

/** Says in words what went wrong, and lets one try again. */
export function Failure({
  error,
  onRetry,
}: {
  readonly error: unknown
  readonly onRetry?: () => void
}): VNode {
  return (
    <div class="failure" role="alert">
      <p>{messageOf(error)}</p>
      {onRetry === undefined ? null : <Button onClick={onRetry}>Try again</Button>}
    </div>
  )
}
