import { REFUSALS, type RefusalRow } from '../../src/http/refusals.ts'
import type { RefusalCode, RefusalFacts } from '../../src/policy/refusal.ts'

/** What a vendor can do about it, or should know. */
const FOR_THE_VENDOR: Readonly<Record<RefusalCode, string>> = {
  path_ambiguous:
    'Package clients send no such paths. Many of them from one address are somebody trying doors. Nothing was looked up.',
  request_malformed: 'A broken client, or a proxy in front that changes requests. Nothing was looked up.',
  head_too_large:
    'No package client comes near `client.max_header_size`, `max_headers` and `max_url_length`.',
  request_too_slow:
    'The connection said nothing, or too little, for `client.headers_timeout`. Many of them from one address are somebody who holds connections.',
  method_not_allowed: 'Publishing goes to the storage, not through the gate.',
  credential_missing:
    'Normal for clients that wait to be asked (zypper, pacman, Maven, wget): they send the token next. A private repository answers so at `/public/`, whether it exists or not.',
  credential_ambiguous: 'Look for a proxy or a script that adds a header of its own.',
  token_unknown:
    'Where credentials can be offered (`/basic/`) the status is 401, which makes clients ask for them again. With the secret in the path it is 403, because a 401 makes some clients prompt, and fail where nobody is there to answer.',
  token_disabled: '`POST …/enable/` lets it work again; its counters stay.',
  token_not_yet_valid: 'The window begins at `limit_date_range_from`, inclusive.',
  token_expired:
    'The window ends at `limit_date_range_to`, exclusive. A later date there renews the token with the same secret.',
  network_not_allowed:
    'The client’s address is in none of `limit_networks`. `postern explain --client ADDRESS` tells. Behind a proxy that is not in `trusted_proxies`, the proxy’s address is the client’s.',
  repository_not_covered:
    'A token covers the repository it was created in, or those that its `repositories` name.',
  eula_not_accepted:
    'The repository has a `eula` whose revision was not accepted with this token, see [EULA](eula.md). The customer accepts it on the page that the answer names, or by a script. Indexes and keys are refused as well.',
  package_not_covered:
    'No rule of `limit_packages` allows the file, or the last that matches forbids it. `postern explain` tells which file it was taken for. Files of which nothing can be told are refused to tokens with rules.',
  published_too_late:
    'The storage dates the file (`Last-Modified`) after `limit_published_until`, or gives it no date. Indexes are not concerned, and name newer files too.',
  leads_around_gate:
    'Files named `mirrorlist` and `metalink` in RPM repositories name the storage itself; clients would fetch all else from there.',
  downloads_used_up:
    'Raise `limit_num_downloads`, or `POST …/reset/` for a new period. A 403 and not a 429: trying again can not help, and a 429 makes clients try for minutes.',
  clients_used_up:
    'Raise `limit_num_clients`, or reset. If all of them come through one proxy, see `trusted_proxies`.',
  bandwidth_used_up:
    'Raise `limit_bandwidth`, or reset. What a file takes is reserved before it is sent, so a smaller file may still fit. A body whose length the storage does not tell is cut where the bandwidth ends; the log then has this code with status 200.',
  rate_exceeded:
    'More requests than `limit_rate` allows. `Retry-After` says when the next one fits, or 30 seconds at most; clients that read it slow down by themselves. Requests that are refused do not count.',
  concurrency_exceeded:
    'As many downloads as `limit_concurrency` are under way. Those that broke off with a killed process count for up to a minute.',
  not_found:
    'The storage’s own answer, given only after the token was checked. Also given for a repository that is not configured, to tokens whose `repositories` would cover it.',
  setup_missing:
    'A script, or what it asks for: there is no suite, index or public key where it was looked for. `setup` of the repository in the configuration says where they are.',
  upstream_failed:
    'Look at the storage; the log has the reason. The charge, if one was made, was given back. With `Retry-After: 5` where a bucket of S3 says that it passes by itself (`SlowDown`, `InternalError` …).',
  upstream_timeout: 'The storage took longer than `upstream.headers_timeout` or `upstream.connect_timeout`.',
  store_unavailable:
    'The database did not answer in time. Without it no token can be checked, and nothing is let through.',
  internal_error: 'A bug of Postern. Please report it with the line of the log.',
}

/** Facts as they might come, so that every sentence is shown whole. */
const EXAMPLE: RefusalFacts = {
  at: Date.UTC(2027, 0, 1),
  used: 50,
  limit: 50,
}

/** What exactly was wrong, where a sentence says so. */
const EXAMPLE_REASONS: Readonly<Partial<Record<RefusalCode, string>>> = {
  path_ambiguous: 'an empty segment',
  request_malformed: 'the request target names another host',
}

const INTRODUCTION = `<!-- Written by \`npm run docs\` from src/http/refusals.ts and test/docs/errors-document.ts. -->

# Answers that are not the file

Every refusal has a code that never changes its meaning. It stands in the header \`X-Error-Code\`, in the log, in the metrics and
in the answer; the title is the reason phrase of the status line. The same text goes out in each form that some client shows:

- \`application/problem+json\` (RFC 9457) with \`title\`, \`status\`, \`detail\`, and members that npm (\`error\`), Composer
  (\`warning\`) and OCI clients (\`errors\`) read;
- plain text for browsers, for clients that ask for it, and for go, which prints nothing else;
- the reason phrase, which is all that apt, pip and Maven print;
- the headers \`npm-notice\` for npm and \`X-Error-Message\` for whoever shows it.

dnf, zypper and pacman show the number only. No answer repeats a secret, and none tells which packages or repositories exist to
somebody whose token does not work. Refusals cost nothing: no download, no client, no bytes against a limit.
`

/** The whole of docs/errors.md. */
export function renderErrorsDocument(): string {
  const rows = Object.entries(REFUSALS) as [RefusalCode, RefusalRow][]
  return [INTRODUCTION, renderTable(rows), ...rows.map(([code, row]) => renderSection(code, row))].join('\n')
}

function renderTable(rows: readonly (readonly [RefusalCode, RefusalRow])[]): string {
  const cells = [
    ['status', 'title', 'code'],
    ...rows.map(([code, row]) => [String(row.status), row.title, `[\`${code}\`](#${code})`]),
  ]
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const lines = cells.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))))
  const [head = '', ...body] = lines
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body, ''].join('\n')
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function renderSection(code: RefusalCode, row: RefusalRow): string {
  const retry = row.retryAfter === undefined ? '' : `, \`Retry-After: ${row.retryAfter}\``
  return [
    `## \`${code}\``,
    '',
    `**${row.status} ${row.title}**${retry}`,
    '',
    `> ${row.detail(withReason(EXAMPLE, EXAMPLE_REASONS[code]))}`,
    '',
    FOR_THE_VENDOR[code],
    '',
  ].join('\n')
}

function withReason(facts: RefusalFacts, why: string | undefined): RefusalFacts {
  return why === undefined ? facts : { ...facts, why }
}
