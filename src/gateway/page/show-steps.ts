import type { Snippet } from '../../snippets/snippets.ts'
import { markup, type Html } from './html.ts'
import type { Steps } from './steps.ts'

const TITLES: Readonly<Record<Steps['form'], string>> = {
  basic: 'With the token as a password',
  path: 'With the token in the URL',
  public: 'Without a token',
}

/** The first way is the one to take; the others are a click away. */
export function showSteps(ways: readonly Steps[]): Html {
  const [first, ...others] = ways
  if (first === undefined) return markup``
  return markup`<h2>Set up your tools</h2>
<p>${hasSecret(first) ? 'Your token stands in what follows: keep it to yourself.' : undefined}</p>
${showWay(first)}
${others.map((each) => markup`<details><summary>${TITLES[each.form]}</summary>\n${showWay(each)}</details>\n`)}`
}

function hasSecret({ form }: Steps): boolean {
  return form !== 'public'
}

function showWay({ form, snippets }: Steps): Html {
  return markup`${snippets.map((snippet, at) => showSnippet(snippet, form, at))}`
}

/** Its region can be scrolled by keyboard, and has a name of its own. */
function showSnippet({ title, text }: Snippet, form: string, at: number): Html {
  return markup`<div class="step"><h3>${title === 'Run' ? 'Run this' : `Write into ${title}`}</h3>
<pre tabindex="0" role="region" aria-label="step ${at + 1}, ${form}: ${title}">${text}</pre></div>
`
}
