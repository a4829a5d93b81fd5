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
  return Buffer.from(
    text.replaceAll(URLS, (_, attribute, double, single, tag, content) =>
      tag === undefined
        ? `${String(attribute)}"${change(String(double ?? single))}"`
        : `<id>${change(String(content))}`,
    ),
  )
}
