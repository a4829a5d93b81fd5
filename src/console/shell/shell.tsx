import type { ComponentChildren, VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { PAGES } from '../pages/pages.ts'
import { Link } from '../router/link.tsx'
import { useSession } from '../session/context.ts'
import { Account } from './account.tsx'
import { Logo } from './logo.tsx'

interface ShellProps {
  /** Below the console. */
  readonly path: string
  readonly children: ComponentChildren
}

/** What surrounds each page: where one is, where one can go, and who one is. */
export function Shell({ path, children }: ShellProps): VNode {
  const main = useFocusOnChange(path)
  const skip = (event: MouseEvent): void => {
    event.preventDefault()
    main.current?.focus()
  }
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={skip}>
        Skip to the page
      </a>
      <header class="bar">
        <Link to="/" class="home">
          <Logo />
        </Link>
        <Navigation path={path} />
        <Account />
      </header>
      <main id="main" class="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}

/** Pages of the menu that the key has any use for. */
function Navigation({ path }: { readonly path: string }): VNode {
  const { rights } = useSession()
  const shown = PAGES.filter(
    ({ menu, needs }) => menu !== undefined && (needs === undefined || rights.can(needs)),
  )
  return (
    <nav class="menu" aria-label="Pages">
      <ul>
        {shown.map((page) => (
          <li key={page.path}>
            <Link to={page.path} current={isWithin(page.path, path)}>
              {page.menu}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function isWithin(page: string, path: string): boolean {
  return page === '/' ? path === '/' : path === page || path.startsWith(`${page}/`)
}

/** Whoever goes to another page by keyboard or hears the page begins at its beginning. */
function useFocusOnChange(path: string) {
  const main = useRef<HTMLElement>(null)
  const before = useRef(path)
  useEffect(() => {
    if (before.current === path) return
    before.current = path
    window.scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [path])
  return main
}
