import type { VNode } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { readPage } from '../../api/list.ts'
import type { PackageJson, RepositoryJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { LoadedPart } from '../../parts/section.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { useSession } from '../../session/context.ts'
import { count, counted } from '../../words/figures.ts'
import { placeName, repositoryName, type TokenPlace } from '../../words/places.ts'
import { openedRepositories } from '../token/opened-repositories.ts'
import { RepositoryChoice } from '../token/repository-choice.tsx'
import { entriesOf } from '../../words/entries.ts'
import type { Draft } from './draft.ts'
import { sortPackages } from './known-packages.ts'

const MOST_LOADED = 500
const SHOWN = 8

/** What the rules of a form mean for packages that were downloaded before. Only for those who may see which these are. */
export function Preview({ draft, home }: { readonly draft: Draft; readonly home: TokenPlace }): VNode | null {
  const { repositories, rights } = useSession()
  const [chosen, setChosen] = useState('')
  if (!rights.can('figures:read')) return null
  const globs = draft.repositories === null ? [placeName(home)] : entriesOf(draft.repositories)
  const opened = openedRepositories({ repository: placeName(home), repositories: globs }, repositories)
  const repository = opened.find((each) => repositoryName(each) === chosen) ?? opened[0]
  if (repository === undefined) return <p class="hint">It opens none of the repositories that you see.</p>
  return (
    <div class="stack preview">
      <h3>What that means for packages that were downloaded before</h3>
      <RepositoryChoice
        label="In the repository"
        repositories={opened}
        chosen={repository}
        onChange={setChosen}
      />
      <KnownPackages draft={draft} repository={repository} />
    </div>
  )
}

function KnownPackages({
  draft,
  repository,
}: {
  readonly draft: Draft
  readonly repository: RepositoryJson
}): VNode {
  const { api } = useSession()
  const path = ['packages', repository.namespace, repository.name]
  const loaded = useLoad(path.join('/'), (signal) =>
    readPage<PackageJson>(api, { path, query: { page_size: MOST_LOADED }, signal }),
  )
  return (
    <LoadedPart of={loaded} what="packages">
      {({ items, total }) => (
        <>
          <Verdicts draft={draft} repository={repository} packages={items} />
          {total > items.length ? (
            <p class="hint">
              Of {count(total)} packages, the first {count(items.length)} are looked at.
            </p>
          ) : null}
        </>
      )}
    </LoadedPart>
  )
}

interface VerdictsProps {
  readonly draft: Draft
  readonly repository: RepositoryJson
  readonly packages: readonly PackageJson[]
}

function Verdicts({ draft, repository, packages }: VerdictsProps): VNode {
  const sorted = useMemo(() => sortPackages(draft, repository, packages), [draft, repository, packages])
  if (packages.length === 0)
    return <p class="muted">Nothing was downloaded from {repositoryName(repository)} yet.</p>
  if (sorted === undefined) return <p class="muted">Mend the mistakes above first.</p>
  return (
    <div class="verdicts" role="status">
      <Verdict title="Opens" packages={sorted.opened} />
      <Verdict title="Keeps out" packages={sorted.kept} />
      {sorted.untold.length === 0 ? null : <Verdict title="Can’t be told here" packages={sorted.untold} />}
    </div>
  )
}

function Verdict({
  title,
  packages,
}: {
  readonly title: string
  readonly packages: readonly PackageJson[]
}): VNode {
  return (
    <div>
      <p>
        <strong>{title}</strong> {counted(packages.length, 'package')}
      </p>
      <ul class="names">
        {packages.slice(0, SHOWN).map(({ slug_perm: id, name, version }) => (
          <li key={id}>
            <UserText text={version === '' ? name : `${name} ${version}`} />
          </li>
        ))}
        {packages.length > SHOWN ? <li class="muted">and {count(packages.length - SHOWN)} more</li> : null}
      </ul>
    </div>
  )
}
