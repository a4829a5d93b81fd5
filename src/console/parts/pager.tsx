import type { VNode } from 'preact'
import type { Page } from '../api/list.ts'
import { count, counted } from '../words/figures.ts'
import { Button } from './button.tsx'

interface PagerProps {
  readonly of: Page<unknown>
  readonly noun: string
  readonly onPage: (page: number) => void
}

/** Where in a long list one is, and the way on. */
export function Pager({ of, noun, onPage }: PagerProps): VNode {
  const { page, pages, total, isExact } = of
  return (
    <nav class="pager" aria-label={`Pages of ${noun}s`}>
      <p role="status">
        {isExact ? '' : 'At most '}
        {counted(total, noun)}
        {pages > 1 ? `, page ${count(page)} of ${count(pages)}` : ''}
      </p>
      {pages > 1 ? (
        <div class="row">
          <Button isDisabled={page <= 1} onClick={() => onPage(page - 1)}>
            Previous
          </Button>
          <Button isDisabled={page >= pages} onClick={() => onPage(page + 1)}>
            Next
          </Button>
        </div>
      ) : null}
    </nav>
  )
}
