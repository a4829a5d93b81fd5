import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Document, Node } from 'yaml'
import type { Finding, Path } from './mistake.ts'
import { bad, good, type Parsed } from './parsed.ts'
import { explainSyntax } from './syntax.ts'

/** A YAML text that was read, with the way back from values to where they stand. */
export interface SourceDocument {
  /** Mistakes of the text itself. */
  readonly findings: readonly Finding[]
  /** The mistakes leave the text without a meaning. */
  readonly isBroken: boolean
  /** Gives each value that is text to `change` and puts back what it returns. Text that has an anchor is given once. */
  readonly changeTexts: (change: (text: string, path: Path, isPlain: boolean) => unknown) => void
  /** The values as plain data. Fails when aliases multiply into a flood. */
  readonly toValue: () => Parsed<unknown>
  /** From 1. Of what is missing: where its group stands. */
  readonly position: (finding: Finding) => { readonly line: number; readonly column: number }
}

/** Reads YAML 1.2. Never throws. */
export function readDocument(text: string): SourceDocument {
  const lines = new LineCounter()
  const parsed = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  })
  const root = parsed.contents
  const lineOf = (offset: number): number => lines.linePos(offset).line
  const broken = [...explainSyntax(parsed.errors, lineOf), ...badAliases(parsed)]
  const odd = (): Finding[] => [...explainSyntax(parsed.warnings, lineOf), ...repeatedKeys(root, lineOf)]
  return {
    findings: broken.length > 0 ? broken : odd(),
    isBroken: broken.length > 0,
    changeTexts: (change) => {
      forEachNode(root, [], (node, path) => {
        if (!isScalar(node) || typeof node.value !== 'string') return
        node.value = change(node.value, path, node.type === 'PLAIN')
      })
    },
    toValue: () => toValue(parsed),
    position: ({ path, atKey, offset }) => {
      const { line, col } = lines.linePos(offset ?? locate(parsed, path, atKey === true))
      return { line: Math.max(1, line), column: Math.max(1, col) }
    },
  }
}

function toValue(parsed: Document.Parsed): Parsed<unknown> {
  try {
    return good(parsed.toJS())
  } catch {
    return bad('has aliases of aliases that multiply too often; write the values out')
  }
}

function forEachNode(node: unknown, path: Path, visit: (node: unknown, path: Path) => void): void {
  visit(node, path)
  if (isMap(node)) for (const { key, value } of node.items) forEachNode(value, [...path, keyText(key)], visit)
  if (isSeq(node)) node.items.forEach((item, index) => forEachNode(item, [...path, index], visit))
}

function repeatedKeys(root: unknown, lineOf: (offset: number) => number): Finding[] {
  const findings: Finding[] = []
  forEachNode(root, [], (node, path) => {
    if (!isMap(node)) return
    const lines = new Map<string, number>()
    for (const { key } of node.items) {
      const [name, offset] = [keyText(key), startOf(key) ?? 0]
      const first = lines.get(name)
      if (first === undefined) lines.set(name, lineOf(offset))
      else
        findings.push({
          path: [...path, name],
          message: `repeats the key of line ${first}; keep one`,
          offset,
        })
    }
  })
  return findings
}

/** An alias must have its anchor before it. */
function badAliases(parsed: Document.Parsed): Finding[] {
  const findings: Finding[] = []
  forEachNode(parsed.contents, [], (node, path) => {
    if (!isAlias(node) || node.resolve(parsed) !== undefined) return
    findings.push({ path, message: 'refers to an anchor that is not above it', offset: startOf(node) ?? 0 })
  })
  return findings
}

/** Where the value at `path`, or its key, begins; where its group does when there is no such value. */
function locate(parsed: Document.Parsed, path: Path, atKey: boolean): number {
  let node: unknown = parsed.contents
  let offset = startOf(node) ?? 0
  for (const [index, step] of path.entries()) {
    const group = isAlias(node) ? node.resolve(parsed) : node
    const pair = isMap(group) ? group.items.findLast(({ key }) => keyText(key) === step) : undefined
    node = isSeq(group) ? group.items[Number(step)] : pair?.value
    const isLast = index === path.length - 1
    const start = (isLast && atKey) || isEmpty(node) ? startOf(pair?.key) : startOf(node)
    if (start === undefined) return offset
    // What a group lacks is reported at the group's key.
    offset = isLast || !isMap(node) ? start : (startOf(pair?.key) ?? start)
  }
  return offset
}

function isEmpty(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null && node.source === '')
}

/** How messages name a key. Of one that is a group, its text; where yaml can't write it, for what is in it has no meaning there, its place. */
function keyText(key: unknown): string {
  if (isScalar(key)) return String(key.value)
  try {
    return String(key)
  } catch {
    return `(key at ${startOf(key) ?? 0})`
  }
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}
