import { createContext, type ComponentChildren, type VNode } from 'preact'
import { useCallback, useContext, useEffect, useState } from 'preact/hooks'

type Announce = (text: string) => void

const AnnouncerContext = createContext<Announce>(() => undefined)

const SHOWN_MS = 5_000

/** Says what was done: shown for a moment, and read out. */
export function AnnouncerProvider({ children }: { readonly children: ComponentChildren }): VNode {
  const [said, setSaid] = useState<{ readonly text: string }>()
  const announce = useCallback<Announce>((text) => setSaid({ text }), [])
  useEffect(() => {
    if (said === undefined) return undefined
    const timer = setTimeout(() => setSaid(undefined), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [said])
  return (
    <AnnouncerContext.Provider value={announce}>
      {children}
      <div class="announcer" role="status" aria-live="polite">
        {said === undefined ? null : <p>{said.text}</p>}
      </div>
    </AnnouncerContext.Provider>
  )
}

/** Tells whoever sits there what was done. */
export function useAnnounce(): Announce {
  return useContext(AnnouncerContext)
}
