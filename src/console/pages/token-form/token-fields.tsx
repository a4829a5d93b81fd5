import type { VNode } from 'preact'
import type { TokenPlace } from '../../words/places.ts'
import { Section } from '../../parts/section.tsx'
import { FieldControl } from './field-control.tsx'
import { GROUPS, type FieldName } from './fields.ts'
import { Preview } from './preview.tsx'
import type { TokenForm } from './use-token-form.ts'

interface TokenFieldsProps {
  readonly form: TokenForm
  /** Where the token is, or will be. */
  readonly home: TokenPlace
  readonly isHidden: (name: FieldName) => boolean
}

/** All fields of a token, in groups; beside what it opens, what that is. */
export function TokenFields({ form, home, isHidden }: TokenFieldsProps): VNode {
  return (
    <>
      {GROUPS.map(({ title, fields }) => (
        <Section key={title} title={title}>
          <div class="fields">
            {fields
              .filter(({ name }) => !isHidden(name))
              .map((field) => (
                <FieldControl
                  // What somebody else wrote replaces it whole.
                  key={`${field.name} ${form.round}`}
                  field={field}
                  value={form.draft[field.name]}
                  problem={form.problems[field.name]}
                  onInput={(value) => form.set(field.name, value)}
                />
              ))}
          </div>
          {title === 'What it opens' ? <Preview draft={form.draft} home={home} /> : null}
        </Section>
      ))}
    </>
  )
}
