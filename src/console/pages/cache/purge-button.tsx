import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { EVERYWHERE } from '../../../policy/key-scope.ts'
import { Button } from '../../parts/button.tsx'
import { useSession } from '../../session/context.ts'
import { PurgeDialog, type PurgedPlace } from './purge-dialog.tsx'

/** Lets files that are kept in memory be forgotten. Nothing for whoever may not do that there. */
export function PurgeButton({ place }: { readonly place: PurgedPlace }): VNode | null {
  const { rights } = useSession()
  const [isAsking, setAsking] = useState(false)
  if (!rights.can('cache:purge') || !rights.coversGlobs(place === undefined ? EVERYWHERE : [place]))
    return null
  return (
    <>
      <Button onClick={() => setAsking(true)}>Purge the cache</Button>
      {isAsking ? <PurgeDialog place={place} onClose={() => setAsking(false)} /> : null}
    </>
  )
}
