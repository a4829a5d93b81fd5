import { useEffect } from 'preact/hooks'

/** The title of the window while a page is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title.slice(0, 100)} · Postern`
  }, [title])
}
