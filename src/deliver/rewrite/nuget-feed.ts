import { setImmediate as nextTurn } from 'node:timers/promises'
import { escapeHtml, resolveReferences } from './html-tags.ts'

/** Attributes and elements of an Atom feed (RFC 4287) and of the service document that are URLs. */
const URLS = /(\s(?:xml:base|src|href)=)(?:"([^"<]*)"|'([^'<]*)')|(<id>)([^<]*)(?=<\/id>)/g

/** Makes the URLs in a feed of NuGet's version 2 lead to the gate, with their queries: the next page of a feed is named so. */
export async function rewriteNugetFeed(
  xml: Buffer,
  toGate: (link: string) => string | undefined,
): Promise<Buffer> {
  const text = xml.toString()
  if (!/^\uFEFF?\s*</.test(text)) throw new SyntaxError("the storage's feed is no XML")
  const change = (link: string): string => {
    const written = resolveReferences(link)
    if (!/^https?:/i.test(written.trim())) return link
    const query = /\?[^#]*/.exec(written)?.[0] ?? ''
    return escapeHtml((toGate(written.trim()) ?? '') + query)
  }
  const pieces: Buffer[] = []
  for (const entry of text.split(/(?=<entry[\s>])/)) {
    pieces.push(Buffer.from(changeUrls(entry, change)))
    if (pieces.length % ENTRIES === 0) await nextTurn()
  }
  return Buffer.concat(pieces)
}

/** Changed in one go; a few milliseconds. */
const ENTRIES = 100

function changeUrls(text: string, change: (link: string) => string): string {
  return text.replaceAll(URLS, (_, attribute, double, single, tag, content) =>
    tag === undefined
      ? `${String(attribute)}"${change(String(double ?? single))}"`
      : `<id>${change(String(content))}`,
  )
}
