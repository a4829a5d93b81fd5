import type { BadQuery } from '../../../policy/query/compile.ts'
import { PACKAGE_FIELDS } from '../../../policy/query/fields.ts'
import { compilePackageQuery } from '../../../policy/query/package-query.ts'
import { compilePathQuery } from '../../../policy/query/path-query.ts'
import { compileNetworks } from '../../../policy/networks.ts'
import { compileRepositoryGlobs, type BadList } from '../../../policy/repositories.ts'
import { compilePackageRules } from '../../../policy/scope.ts'
import { bytesOf, BANDWIDTH_UNITS } from '../../../policy/bandwidth.ts'
import { didYouMean } from '../../../text/near.ts'
import { secondsOf } from '../../words/durations.ts'
import { entriesOf } from '../../words/entries.ts'
import type { Draft } from './draft.ts'
import { FIELDS, type FieldName } from './fields.ts'
import { metadataProblem } from './metadata.ts'

/** What is wrong with a form, by field; the API judges by more, and the same code. */
export type Problems = Readonly<Partial<Record<FieldName, string>>>

type Judge = (text: string, draft: Draft) => string | undefined

/** Judges a form as it is typed. */
export function problemsOf(draft: Draft): Problems {
  const found = FIELDS.flatMap(({ name }) => {
    const problem = JUDGES[name]?.(draft[name] ?? '', draft)
    return problem === undefined ? [] : [[name, problem] as const]
  })
  return Object.fromEntries(found)
}

const JUDGES: Readonly<Partial<Record<FieldName, Judge>>> = {
  name: judgeName,
  token: (text) =>
    text === '' || /^[A-Za-z0-9][A-Za-z0-9._-]{7,47}$/.test(text)
      ? undefined
      : 'A secret has 8 to 48 letters, digits, dots, hyphens and underscores, and begins with a letter or digit.',
  limit_date_range_to: (until, { limit_date_range_from: from }) =>
    until !== '' && from && until <= from ? 'The end has to lie after the beginning.' : undefined,
  starts_on_first_download: judgeStart,
  limit_num_downloads: judgeCount,
  limit_num_clients: judgeCount,
  limit_concurrency: judgeCount,
  clients_window: judgeWindow,
  limit_bandwidth: judgeBandwidth,
  limit_rate: judgeRate,
  limit_networks: onLines(compileNetworks),
  limit_packages: onLines(compilePackageRules),
  repositories: onLines(compileRepositoryGlobs),
  limit_package_query: onQuery(compilePackageQuery),
  limit_path_query: onQuery(compilePathQuery),
  metadata: metadataProblem,
}

const LONGEST_NAME = 200
const LONGEST_ENTRY = 512
const MOST_SECONDS = 3_650 * 86_400
const [LEAST_RATE, MOST_RATE] = [0.001, 1_000_000]

function judgeName(text: string): string | undefined {
  if (text.trim() === '') return 'Give it a name.'
  return Array.from(text).length > LONGEST_NAME
    ? `At most ${LONGEST_NAME} characters are allowed.`
    : undefined
}

function judgeStart(text: string, draft: Draft): string | undefined {
  const hasBoth = draft.limit_date_range_from !== '' && draft.limit_date_range_to !== ''
  return text === 'true' && !hasBoth ? 'This needs both dates: they say how long it works.' : undefined
}

function judgeCount(typed: string): string | undefined {
  const text = typed.trim()
  const isFine = text === '' || (/^\d+$/.test(text) && Number.isSafeInteger(Number(text)))
  return isFine ? undefined : 'Write a whole number, such as 1000, without separators.'
}

function judgeWindow(text: string): string | undefined {
  if (text.trim() === '') return undefined
  const seconds = secondsOf(text)
  const isFine = seconds !== undefined && seconds >= 1 && seconds <= MOST_SECONDS
  return isFine ? undefined : 'Write a time such as 30d, 12h or 90m, of at most ten years.'
}

function judgeRate(typed: string): string | undefined {
  const text = typed.trim()
  if (text === '') return undefined
  const isFine = /^\d+(?:\.\d+)?$/.test(text) && Number(text) >= LEAST_RATE && Number(text) <= MOST_RATE
  return isFine
    ? undefined
    : `Write a number from ${LEAST_RATE} to ${MOST_RATE}; to close a token, switch it off.`
}

function judgeBandwidth(typed: string, { limit_bandwidth_unit: unit }: Draft): string | undefined {
  const problem = judgeCount(typed)
  if (problem !== undefined || typed.trim() === '') return problem
  const known = BANDWIDTH_UNITS.find((each) => each === unit) ?? 'Byte'
  return bytesOf(Number(typed), known) === undefined ? 'At most 9 PB can be counted.' : undefined
}

/** Mistakes with the numbers of their lines, as the area shows them. */
function onLines(compile: (entries: readonly string[]) => { readonly ok: true } | BadList): Judge {
  return (text) => {
    const entries = entriesOf(text)
    const lines = text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [index + 1]))
    const long = entries.findIndex(({ length }) => length > LONGEST_ENTRY)
    if (long >= 0) return `Line ${lines[long] ?? 1}: at most ${LONGEST_ENTRY} characters are allowed.`
    const result = compile(entries)
    if (result.ok) return undefined
    return result.problems.map(({ index, message }) => `Line ${lines[index] ?? 1}: ${message}.`).join(' ')
  }
}

/** Mistakes with their places, counted from 1. */
function onQuery(compile: (text: string) => { readonly ok: true } | BadQuery): Judge {
  return (text) => {
    const result = text.trim() === '' ? undefined : compile(text)
    if (result === undefined || result.ok) return undefined
    return result.problems
      .map(({ position, problem, unknownField: name }) => {
        const guess = name === undefined ? '' : didYouMean(name, PACKAGE_FIELDS.keys())
        return `Character ${position + 1}: ${problem}${guess}.`
      })
      .join(' ')
  }
}
