import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** What stands in a page besides its words, and the policy that lets the browser take nothing else. */
export interface Style {
  readonly css: string
  readonly script: string
  /** Content-Security-Policy of a page with both. */
  readonly policy: string
}

const CSS = read('page.css')
const SCRIPT = read('page.js')
const PLAIN_COLOR = '#3565c4'

/**
 * Nothing of others, nothing that is not written here: style and script by their digests (CSP level 2), pictures only from within the page.
 * It can't be framed, and its forms lead to the gate.
 */
export function styleOf(color: string = PLAIN_COLOR): Style {
  const css = `:root{--brand:${color}}\n${CSS}`
  const policy = [
    "default-src 'none'",
    `style-src ${digest(css)}`,
    `script-src ${digest(SCRIPT)}`,
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { css, script: SCRIPT, policy }
}

function digest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

function read(name: string): string {
  return readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8')
}
