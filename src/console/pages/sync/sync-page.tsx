import type { VNode } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Choice } from '../../parts/field.tsx'
import { Section } from '../../parts/section.tsx'
import { Link } from '../../router/link.tsx'
import { navigate, withQuery } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import {
  findPlace,
  isWholeOwner,
  listPath,
  placeName,
  tokenPlaces,
  type TokenPlace,
} from '../../words/places.ts'
import type { PageProps } from '../page.ts'
import { SyncSide } from './sync-side.tsx'

/** Replaces the tokens of a repository by copies of those of another one of the same owner. */
export function SyncPage({ query }: PageProps): VNode {
  useTitle('Copy tokens')
  const { repositories, rights } = useSession()
  const places = useMemo(
    () => tokenPlaces(repositories, rights).filter((each) => !isWholeOwner(each)),
    [repositories, rights],
  )
  const from = findPlace(places, query.get('from')) ?? places[0]
  const targets = places.filter((each) => each.owner === from?.owner && each.repo !== from.repo)
  const to = findPlace(targets, query.get('to'))
  const go = (change: Readonly<Record<string, string>>): void => {
    const now = { from: from === undefined ? '' : placeName(from), to: query.get('to') ?? '' }
    navigate(withQuery('/tokens/copy', { ...now, ...change }), { replace: true })
  }
  return (
    <div class="page">
      <p class="crumbs">
        <Link to="/tokens">Tokens</Link>
      </p>
      <h1>Copy tokens to another repository</h1>
      <p>
        All tokens of the second repository are replaced by copies of those of the first: with their secrets
        and settings, and counters at zero.
      </p>
      {from === undefined || targets.length === 0 ? (
        <p class="empty">There are no two repositories of one owner that your key covers.</p>
      ) : (
        <>
          <Section title="Which">
            <div class="fields">
              <Choice
                label="Copy the tokens of"
                value={placeName(from)}
                options={places.map(optionOf)}
                onChange={(name) => go({ from: name, to: '' })}
              />
              <Choice
                label="And replace those of"
                value={to === undefined ? '' : placeName(to)}
                options={[['', 'Choose a repository'], ...targets.map(optionOf)]}
                onChange={(name) => go({ to: name })}
              />
            </div>
          </Section>
          {to === undefined ? null : <Sync key={`${from.repo} ${placeName(to)}`} from={from} to={to} />}
        </>
      )}
    </div>
  )
}

function optionOf(place: TokenPlace): readonly [string, string] {
  return [placeName(place), placeName(place)]
}

function Sync({ from, to }: { readonly from: TokenPlace; readonly to: TokenPlace }): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const [isAsking, setAsking] = useState(false)
  const [round, setRound] = useState(0)
  const carryOut = async (): Promise<void> => {
    await api({ method: 'POST', path: [...listPath(to), 'sync'], body: { source: from.repo } })
    announce('The tokens are copied.')
    setRound((count) => count + 1)
  }
  return (
    <>
      <div class="sides">
        <SyncSide title={`Copied: ${placeName(from)}`} place={from} round={round} />
        <SyncSide title={`Replaced: ${placeName(to)}`} place={to} round={round} />
      </div>
      <div class="row">
        <Button kind="danger" onClick={() => setAsking(true)}>
          Replace the tokens of {placeName(to)}
        </Button>
      </div>
      {isAsking ? (
        <Confirm
          title={`Replace all tokens of ${placeName(to)}?`}
          verb="Replace for good"
          isDangerous
          typed={placeName(to)}
          act={carryOut}
          onClose={() => setAsking(false)}
        >
          <p>
            The tokens that are there now are deleted, and their secrets end, unless they are among those of{' '}
            {placeName(from)}. This can’t be undone.
          </p>
        </Confirm>
      ) : null}
    </>
  )
}
