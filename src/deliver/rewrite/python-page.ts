import { setImmediate as nextTurn } from 'node:timers/promises'
import { escapeHtml, nextTag, type Tag } from './html-tags.ts'
import type { RewriteLink, RewrittenPage } from './links.ts'

/** Read in one go; a few milliseconds. */
const SLICE = 64 * 1024
/** What is said of the whole page that names no other place. */
const KEPT_META = /^pypi:(?:repository-version|project-status(?:-reason)?)$/

/**
 * Writes a page of links anew, with those that `rewriteLink` gives a place. All that is said of a file (`data-*`) stays; whatever else the page
 * had is left out, so that nothing in it can lead a client or a browser elsewhere.
 */
export async function rewritePythonPage(document: Buffer, rewriteLink: RewriteLink): Promise<RewrittenPage> {
  const html = document.toString()
  const pieces: Buffer[] = []
  let lines: string[] = ['<!DOCTYPE html>\n<html>\n<body>\n']
  let [files, rest, base] = [0, SLICE, '']
  for (let tag = nextTag(html, 0); tag !== undefined; tag = nextTag(html, tag.end)) {
    if (tag.name === 'base') base ||= tag.attributes.get('href') ?? ''
    const link = tag.name === 'a' ? tag.attributes.get('href') : undefined
    const place = link === undefined ? undefined : rewriteLink(withBase(link, base))
    if (place !== undefined) files++
    lines.push(place === undefined ? metaOf(tag) : anchorOf(tag, place, rewriteLink))
    if (tag.end > rest) {
      rest = tag.end + SLICE
      pieces.push(Buffer.from(lines.join('')))
      lines = []
      await nextTurn()
    }
  }
  pieces.push(Buffer.from(`${lines.join('')}</body>\n</html>\n`))
  return { content: Buffer.concat(pieces), files }
}

/** `base` may be relative to the page itself, which `rewriteLink` knows: then it can only be a beginning. */
function withBase(link: string, base: string): string {
  return base !== '' && URL.canParse(link, base) ? new URL(link, base).href : link
}

function anchorOf({ attributes }: Tag, place: string, rewriteLink: RewriteLink): string {
  const said = [...attributes].flatMap(([name, value]) => {
    const kept = name === 'data-provenance' ? rewriteLink(value) : value
    return /^data-[a-z-]+$/.test(name) && kept !== undefined ? [` ${name}="${escapeHtml(kept)}"`] : []
  })
  const path = place.replace(/[?#].*$/, '').replace(/\/$/, '')
  const text = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1))
  return `<a href="${escapeHtml(place)}"${said.join('')}>${escapeHtml(text)}</a><br>\n`
}

function metaOf({ name, attributes }: Tag): string {
  const about = attributes.get('name') ?? ''
  if (name !== 'meta' || !KEPT_META.test(about)) return ''
  return `<meta name="${about}" content="${escapeHtml(attributes.get('content') ?? '')}">\n`
}
