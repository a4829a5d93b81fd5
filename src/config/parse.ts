import { crossCheck } from './cross-checks.ts'
import { readDocument, type SourceDocument } from './document.ts'
import { explainIssue } from './explain.ts'
import { formatPath, type Finding, type Mistake } from './mistake.ts'
import type { Places } from './places.ts'
import { createSchema } from './schema.ts'
import { substitute, type Variables } from './substitute.ts'
import type { Config } from './types.ts'

export type LoadResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] }

/**
 * Reads the text of a configuration file. Never throws: what is wrong comes back as mistakes, all at once and in the order of
 * the file. Only mistakes of the YAML syntax stand alone, since nothing behind them can be trusted.
 */
export function parseConfig(source: string, places: Places, variables: Variables): LoadResult {
  const document = readDocument(source)
  if (document.isBroken) return refuse(document, document.findings)
  const unset = replaceVariables(document, variables)
  const raw = document.toValue()
  if (!raw.ok) return refuse(document, [{ path: [], message: raw.why }])
  if (raw.value === null)
    return refuse(document, [{ path: [], message: 'is empty; it needs at least repositories' }])
  const checked = createSchema(places, variables).safeParse(raw.value)
  const refused = checked.success ? [] : checked.error.issues.flatMap(explainIssue)
  const found = [...unset, ...withoutThoseAt(unset, [...refused, ...crossCheck(raw.value, places)])]
  const findings = [...document.findings, ...found]
  return checked.success && findings.length === 0
    ? { ok: true, config: checked.data }
    : refuse(document, findings)
}

function replaceVariables(document: SourceDocument, variables: Variables): Finding[] {
  const findings: Finding[] = []
  document.changeTexts((text, path, isPlain) => {
    const replaced = substitute(text, isPlain, variables)
    if (replaced.ok) return replaced.value
    findings.push({ path, message: replaced.why })
    return text
  })
  return findings
}

/** A value that could not be completed is not judged further. */
function withoutThoseAt(known: readonly Finding[], findings: readonly Finding[]): Finding[] {
  const paths = new Set(known.map(({ path }) => formatPath(path)))
  return findings.filter(({ path }) => !paths.has(formatPath(path)))
}

function refuse(document: SourceDocument, findings: readonly Finding[]): LoadResult {
  const mistakes = findings.map((finding) => {
    const { line, column } = document.position(finding)
    return { path: formatPath(finding.path), message: sentence(finding), line, column }
  })
  return { ok: false, mistakes: mistakes.sort((a, b) => a.line - b.line || a.column - b.column) }
}

/** A message without a path before it needs a subject. */
function sentence({ path, message, offset }: Finding): string {
  return path.length === 0 && offset === undefined ? `the file ${message}` : message
}
