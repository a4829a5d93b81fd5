import type { VNode } from 'preact'
import type { RepositoryJson } from '../../api/types.ts'
import { Choice } from '../../parts/field.tsx'
import { repositoryName } from '../../words/places.ts'

interface RepositoryChoiceProps {
  readonly label: string
  readonly repositories: readonly RepositoryJson[]
  readonly chosen: RepositoryJson
  readonly titleOf?: (repository: RepositoryJson) => string
  /** With its name. */
  readonly onChange: (name: string) => void
}

/** One of the repositories that a token opens; nothing where there is nothing to choose. */
export function RepositoryChoice(props: RepositoryChoiceProps): VNode | null {
  const { label, repositories, chosen, titleOf = repositoryName, onChange } = props
  if (repositories.length < 2) return null
  return (
    <Choice
      label={label}
      value={repositoryName(chosen)}
      options={repositories.map((each) => [repositoryName(each), titleOf(each)])}
      onChange={onChange}
    />
  )
}
