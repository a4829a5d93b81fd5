import { markup, trusted, type Html } from './html.ts'
import type { Brand } from './settings.ts'

interface Layout {
  readonly brand: Brand
  /** What the page is called where the brand has no name. */
  readonly title: string
  readonly subtitle: string
  readonly body: Html
}

/** A page whole, in UTF-8. */
export function layOut({ brand, title, subtitle, body }: Layout): Buffer {
  const { name = title, logo, contact, style } = brand
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, nofollow">
<title>${name}</title>
<link rel="icon" href="${logo ?? 'data:,'}">
<style>${trusted(style.css)}</style>
</head>
<body>
<header>
${logo === undefined ? undefined : markup`<img src="${logo}" alt="">\n`}<h1>${name}</h1>
<p class="soft">${subtitle}</p>
</header>
<main>
${body}
</main>
${contact === undefined ? undefined : markup`<footer><p>Questions? ${contactLink(contact)}</p></footer>\n`}<script>${trusted(style.script)}</script>
</body>
</html>
`
  return Buffer.from(page.html)
}

/** An address of mail and a URL can be followed; anything else is words. */
function contactLink(contact: string): Html {
  if (/^https?:\/\//i.test(contact)) return markup`<a href="${contact}" rel="noreferrer">${contact}</a>`
  if (/^[^\s@/:]+@[^\s@/:]+$/.test(contact)) return markup`<a href="mailto:${contact}">${contact}</a>`
  return markup`${contact}`
}
