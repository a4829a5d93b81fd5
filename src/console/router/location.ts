import { useEffect, useState } from 'preact/hooks'

/** Where the server has the console. */
const BASE = '/console'

/** Where in the console somebody is. */
export interface Place {
  /** Below the console, begins with a slash. */
  readonly path: string
  readonly query: URLSearchParams
}

const listeners = new Set<() => void>()

function readPlace(): Place {
  const { pathname, search } = window.location
  return { path: pathname.slice(BASE.length) || '/', query: new URLSearchParams(search) }
}

/** The URL of a path of the console, for links. */
export function hrefOf(path: string): string {
  return BASE + path
}

/** Goes to another page of the console. `replace`: going back leads past the page that is left. */
export function navigate(path: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (replace) window.history.replaceState(null, '', hrefOf(path))
  else window.history.pushState(null, '', hrefOf(path))
  for (const listener of listeners) listener()
}

/** Where somebody is, also after they went elsewhere. */
export function usePlace(): Place {
  const [place, setPlace] = useState(readPlace)
  useEffect(() => {
    const update = (): void => setPlace(readPlace())
    // Somebody may have gone on since the page was first drawn.
    update()
    listeners.add(update)
    window.addEventListener('popstate', update)
    return () => {
      listeners.delete(update)
      window.removeEventListener('popstate', update)
    }
  }, [])
  return place
}

/** The same path with other parameters; empty ones are left out. */
export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''))
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`
}
