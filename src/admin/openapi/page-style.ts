/** Of the readable page: for light and dark, for wide and narrow. */
export const STYLE: string = `
:root { color-scheme: light dark;
  --ink: light-dark(#1d2327, #dfe4e8); --soft: light-dark(#59636b, #9aa5ae); --paper: light-dark(#fff, #14181b);
  --panel: light-dark(#f4f6f7, #1d2327); --line: light-dark(#dde2e6, #333c43); --link: light-dark(#0b5cad, #7cb8f5);
  --get: light-dark(#0b6b3a, #6fd39b); --post: light-dark(#0b5cad, #7cb8f5);
  --patch: light-dark(#8a5300, #eab765); --delete: light-dark(#a32020, #f39a94) }
* { box-sizing: border-box }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif }
a { color: var(--link) }
code { font: 0.875em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere }
header, main { padding: 0 1.25rem }
header p { max-width: 46rem }
nav { margin: 1.5rem 0; padding: 0.75rem 1.25rem; background: var(--panel) }
nav p { margin: 0.35rem 0 }
nav summary { padding: 0.25rem 0; cursor: pointer; font-weight: 600 }
nav ul { margin: 0 0 0.75rem; padding: 0; list-style: none }
nav li a { display: block; padding: 0.15rem 0; text-decoration: none; font-size: 0.9rem }
nav li a:hover { text-decoration: underline }
h1 { margin: 1.5rem 0 0.5rem; font-size: 1.6rem; line-height: 1.2 }
main > section > h2 { margin: 2.5rem 0 0.25rem; font-size: 1.35rem }
article { margin: 1.25rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; scroll-margin-top: 1rem }
article:target { border-color: var(--link) }
article h3 { margin: 0 0 0.25rem; font-size: 1.05rem }
article h4 { margin: 1rem 0 0.25rem; font-size: 0.85rem; color: var(--soft) }
article p { margin: 0.25rem 0; max-width: 46rem }
.request { display: block; margin: 0.25rem 0 0.5rem; padding: 0.4rem 0.6rem; background: var(--panel); border-radius: 6px }
.method { display: inline-block; min-width: 3.6rem; font-weight: 700 }
.GET { color: var(--get) } .POST { color: var(--post) } .PATCH { color: var(--patch) } .DELETE { color: var(--delete) }
.soft { color: var(--soft); font-size: 0.9rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem }
th, td { padding: 0.3rem 0.75rem 0.3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
th { font-weight: 600; color: var(--soft) }
td:first-child { white-space: nowrap }
tr:last-child td { border-bottom: 0 }
pre { margin: 0.25rem 0; padding: 0.6rem; background: var(--panel); border-radius: 6px; overflow-x: auto }
@media (max-width: 40rem) {
  table, tbody, tr, td { display: block }
  thead { display: none }
  tr { padding: 0.4rem 0; border-bottom: 1px solid var(--line) }
  td { padding: 0; border: 0 }
}
@media (min-width: 64rem) {
  body { display: grid; grid-template-columns: 20rem minmax(0, 1fr); grid-template-rows: auto 1fr }
  nav { grid-column: 1; grid-row: 1 / 3; position: sticky; top: 0; height: 100vh; margin: 0; overflow-y: auto; border-right: 1px solid var(--line) }
  nav details::details-content { content-visibility: visible; block-size: auto }
  header, main { grid-column: 2 }
  header, main { max-width: 64rem; padding: 0 2rem }
}
`
