import { ACCEPTANCE_PATH } from '../eula/terms.ts'
import type { EulaFacts } from './facts.ts'
import { markup, type Html } from './html.ts'
import { instant } from './words.ts'

/** The license agreement: its words and a form to accept it, or when that was done. */
export function showTerms({ terms, accepted, isLacking }: EulaFacts, nonce: string): Html {
  const { revision, text, url } = terms
  return markup`<h2>License agreement</h2>
${accepted === undefined ? undefined : markup`<p>Revision ${accepted.revision} was accepted at ${instant(accepted.at)} from ${accepted.address}.</p>\n`}${url === undefined ? undefined : markup`<p><a href="${url}" rel="noreferrer">Revision ${revision} in full</a></p>\n`}${text === undefined ? undefined : showText(text, revision, isLacking)}
${isLacking ? showForm(revision, nonce) : undefined}`
}

/** What was accepted is a click away. */
function showText(text: string, revision: number, isLacking: boolean): Html {
  const words = markup`<pre class="terms" tabindex="0" role="region" aria-label="Revision ${revision}">${text}</pre>`
  return isLacking ? words : markup`<details><summary>Revision ${revision}</summary>\n${words}</details>`
}

function showForm(revision: number, nonce: string): Html {
  return markup`<form method="post" action="./${ACCEPTANCE_PATH}">
<input type="hidden" name="revision" value="${revision}"><input type="hidden" name="nonce" value="${nonce}">
<p><button type="submit">Accept revision ${revision}</button></p>
</form>`
}
