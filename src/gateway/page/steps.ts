import { openPlaceOf, placeOf } from '../../snippets/place.ts'
import { openSnippets, SNIPPETS, type Snippet } from '../../snippets/snippets.ts'
import type { Judgement } from '../authorize.ts'
import type { BaseUrl } from '../base-url.ts'
import { enteredBy } from '../entered-by.ts'

/** What a customer writes into the tools of a repository, in one of the ways that there are. */
export interface Steps {
  /** Where the secret is. */
  readonly form: 'basic' | 'path' | 'public'
  readonly snippets: readonly Snippet[]
}

/** Each way that the clients of the format know; the first one is the one to take. Secret, where there is a secret. */
export function stepsFor(
  { target, served, secret }: Pick<Judgement, 'target' | 'served' | 'secret'>,
  baseUrl: BaseUrl,
  host: string | undefined,
): readonly Steps[] {
  if (target === undefined || served === undefined) return []
  const { repository } = served
  const { format } = repository
  if (secret === undefined) {
    const place = openPlaceOf(baseUrl(enteredBy(target, 'public'), host), repository.owner)
    return [{ form: 'public', snippets: openSnippets(format, place) }]
  }
  const basicUrl = baseUrl(enteredBy(target, 'basic'), host)
  return (['basic', 'path'] as const).flatMap((form) => {
    const write = SNIPPETS[format][form]
    return write === null
      ? []
      : [{ form, snippets: write(placeOf(basicUrl, repository.owner, secret, form)) }]
  })
}
