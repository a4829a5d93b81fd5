import type { VNode } from 'preact'
import { Link } from '../router/link.tsx'
import { useTitle } from '../shell/use-title.ts'

/** For an address that leads nowhere, or to a page that this key has no use for. */
export function NotFound(): VNode {
  useTitle('Not found')
  return (
    <div class="page">
      <h1>Not found</h1>
      <p>There is no such page, or your key has no right to what it shows.</p>
      <p>
        <Link to="/">Go to the overview</Link>
      </p>
    </div>
  )
}
