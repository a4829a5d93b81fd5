import type { VNode } from 'preact'
import type { AuditJson } from '../api/types.ts'
import { fieldChanges } from '../words/changes.ts'
import { UserText } from './user-text.tsx'

/** A click away, what fields were, and are: lines that went, then lines that came. Nothing where no field changed. */
export function FieldChanges({ entry }: { readonly entry: Pick<AuditJson, 'changes'> }): VNode | null {
  const changes = fieldChanges(entry)
  if (changes.length === 0) return null
  return (
    <details>
      <summary>What changed</summary>
      <dl class="changes">
        {changes.map(({ title, removed, added }) => (
          <div key={title}>
            <dt>{title}</dt>
            {/* By keyboard a long list can only be scrolled when it has the focus. */}
            <dd tabIndex={isLong(removed, added) ? 0 : undefined}>
              {removed.map((line, index) => (
                <del key={index}>
                  <UserText text={line} />
                </del>
              ))}
              {added.map((line, index) => (
                <ins key={index}>
                  <UserText text={line} />
                </ins>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

/** May take more lines than are shown at once. */
function isLong(removed: readonly string[], added: readonly string[]): boolean {
  const lines = [...removed, ...added]
  return lines.length > 6 || lines.some(({ length }) => length > 150)
}
