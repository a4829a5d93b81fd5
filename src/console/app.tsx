import type { VNode } from 'preact'
import { PAGES } from './pages/pages.ts'
import { NotFound } from './pages/not-found.tsx'
import { AnnouncerProvider } from './parts/announcer.tsx'
import { usePlace } from './router/location.ts'
import { matchPath } from './router/match.ts'
import { useSession } from './session/context.ts'
import { SessionProvider } from './session/session.tsx'
import { Shell } from './shell/shell.tsx'

export function App(): VNode {
  return (
    <AnnouncerProvider>
      <SessionProvider>
        <CurrentPage />
      </SessionProvider>
    </AnnouncerProvider>
  )
}

function CurrentPage(): VNode {
  const place = usePlace()
  const { rights } = useSession()
  for (const { path, needs, view: View } of PAGES) {
    const params = matchPath(path, place.path)
    if (params === undefined || (needs !== undefined && !rights.can(needs))) continue
    return (
      <Shell path={place.path}>
        {/* Another thing of the same kind is another page. */}
        <View key={place.path} params={params} query={place.query} />
      </Shell>
    )
  }
  return (
    <Shell path={place.path}>
      <NotFound />
    </Shell>
  )
}
