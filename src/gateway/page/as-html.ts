import { formatBytes } from '../../text/bytes.ts'
import { drawUsage } from './chart.ts'
import type { Measure, PageFacts, TokenFacts } from './facts.ts'
import { markup, type Html } from './html.ts'
import { layOut } from './layout.ts'
import { namePackages } from './package-table.ts'
import { showTerms } from './show-terms.ts'
import { showSteps } from './show-steps.ts'
import type { Steps } from './steps.ts'
import { grouped, instant, isUsedUp, stateInWords } from './words.ts'

/** The page for people. Secret, where there is a secret: the steps hold it. `nonce`: of the form in it, if it has one. */
export function asHtml(
  { served, now, token, packages }: PageFacts,
  steps: readonly Steps[],
  nonce: string,
): Buffer {
  const { owner, repo, format } = served.repository
  const place = `${owner}/${repo}`
  const isIdle = token?.refusal !== undefined && !isUsedUp(token.refusal)
  const body = markup`${token === undefined ? OPEN : describeToken(token, now, nonce)}
${isIdle ? undefined : showSteps(steps)}
${packages === undefined ? undefined : namePackages(packages)}
<h2>For tools</h2>
<p><a href="?format=json">The same as JSON</a></p>`
  return layOut({
    brand: served.about.brand,
    title: place,
    subtitle: `${place}, format ${format}`,
    body,
  })
}

const OPEN = markup`<p class="state"><strong>Public.</strong> Everybody may read this repository; no token is needed.</p>`

function describeToken(token: TokenFacts, now: number, nonce: string): Html {
  const [title, text] = stateInWords(token, now)
  const isGood = token.refusal === undefined
  return markup`<p class="state${isGood ? '' : ' bad'}"><strong>${title}.</strong> ${text}</p>
<p class="soft">Token ${token.id}</p>
${token.eula === undefined ? undefined : showTerms(token.eula, nonce)}
${describeLimits(token)}
${describeRest(token)}
${token.days === undefined ? undefined : markup`<h2>Your usage</h2>\n${drawUsage(token.days)}`}`
}

function describeLimits({ downloads, clients, bandwidth, resetsAt }: TokenFacts): Html {
  const anew = resetsAt === null ? '' : ` Counting begins anew at ${instant(resetsAt)}.`
  return markup`<h2>What is left</h2>
<table>
<caption>What this token may use, and has used.${anew}</caption>
<thead><tr><td></td><th scope="col" class="number">Used</th><th scope="col" class="number">Limit</th><th scope="col" class="number">Left</th></tr></thead>
<tbody>
${limitRow('Downloads', downloads, grouped)}${limitRow('Client addresses', clients, grouped)}${limitRow('Bandwidth', bandwidth, formatBytes)}</tbody>
</table>
${clients.left === 0 ? markup`<p>All client addresses are taken: those that are known go on, a new one is refused.</p>` : undefined}`
}

function limitRow(name: string, { limit, used, left }: Measure, write: (value: number) => string): Html {
  const cell = (value: number | null, otherwise: string): string =>
    value === null ? otherwise : write(value)
  return markup`<tr><th scope="row">${name}</th><td class="number">${cell(used, 'not known now')}</td><td class="number">${cell(limit, 'none')}</td><td class="number">${limit === null ? 'no limit' : cell(left, 'not known now')}</td></tr>
`
}

/** Limits that nothing is left of or used up. */
function describeRest({ rate, concurrency, publishedUntil, from, until }: TokenFacts): Html | undefined {
  const rows: readonly (readonly [name: string, value: string | undefined])[] = [
    ['Valid from', from === null ? undefined : instant(from)],
    ['Valid until', until === null ? undefined : instant(until)],
    ['Includes what was published until', publishedUntil === null ? undefined : instant(publishedUntil)],
    ['Requests a second', rate === null ? undefined : grouped(rate)],
    ['Downloads at once', concurrency === null ? undefined : grouped(concurrency)],
  ]
  const told = rows.flatMap(([name, value]) =>
    value === undefined
      ? []
      : [markup`<tr><th scope="row">${name}</th><td class="number">${value}</td></tr>\n`],
  )
  return told.length === 0
    ? undefined
    : markup`<table><caption>And besides</caption><tbody>\n${told}</tbody></table>`
}
