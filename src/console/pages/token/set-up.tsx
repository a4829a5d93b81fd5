import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { placeOf } from '../../../snippets/place.ts'
import { FORMS, SNIPPETS, type Form, type Snippet } from '../../../snippets/snippets.ts'
import type { RepositoryJson } from '../../api/types.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Choice } from '../../parts/field.tsx'
import { Section } from '../../parts/section.tsx'
import { useSession } from '../../session/context.ts'
import { repositoryName } from '../../words/places.ts'
import type { OpenToken } from './token-context.ts'
import { openedRepositories } from './opened-repositories.ts'
import { RepositoryChoice } from './repository-choice.tsx'
import { useSecret } from './use-secret.ts'

const MASK = 'SECRET'
const FORM_TITLES: Readonly<Record<Form, string>> = {
  basic: 'Secret as a password',
  path: 'Secret in the address',
}

/** What the customer writes into their tools; copied with the secret, shown without. */
export function SetUp({ open }: { readonly open: OpenToken }): VNode | null {
  const { repositories } = useSession()
  const opened = openedRepositories(open.token, repositories)
  const [chosen, setChosen] = useState<string>()
  const repository = opened.find((each) => repositoryName(each) === chosen) ?? opened[0]
  if (repository === undefined) return null
  return (
    <Section title="Set-up for the customer">
      <RepositoryChoice
        label="Repository"
        repositories={opened}
        chosen={repository}
        titleOf={(each) => `${repositoryName(each)} (${each.format})`}
        onChange={setChosen}
      />
      <Steps key={repositoryName(repository)} open={open} repository={repository} />
    </Section>
  )
}

interface StepsProps {
  readonly open: OpenToken
  readonly repository: RepositoryJson
}

function Steps({ open, repository }: StepsProps): VNode {
  const forms = FORMS.filter((form) => SNIPPETS[repository.format][form] !== null)
  const [wanted, setForm] = useState<Form>(forms[0] ?? 'basic')
  const read = useSecret(open.path)
  const shown = write(repository, wanted, MASK)
  const copied = (index: number) => async (): Promise<string> =>
    write(repository, wanted, await read())[index]?.text ?? ''
  return (
    <div class="stack">
      {forms.length > 1 ? (
        <Choice
          label="How"
          value={wanted}
          options={forms.map((form) => [form, FORM_TITLES[form]])}
          onChange={(value) => setForm(forms.find((form) => form === value) ?? wanted)}
        />
      ) : null}
      {shown.map(({ title, text }, index) => (
        <div class="snippet" key={`${title} ${index}`}>
          <div class="card-head">
            <h3>{title}</h3>
            {open.maySeeSecret ? (
              <CopyButton what={`${title}, with the secret`} read={copied(index)} />
            ) : null}
          </div>
          <pre class="code" tabIndex={0}>
            {text}
          </pre>
        </div>
      ))}
      {open.maySeeSecret ? <p class="hint">What is copied has the secret in place of {MASK}.</p> : null}
    </div>
  )
}

function write(
  { format, cdn_url: url, namespace }: RepositoryJson,
  form: Form,
  secret: string,
): readonly Snippet[] {
  return SNIPPETS[format][form]?.(placeOf(url, namespace, secret, form)) ?? []
}
