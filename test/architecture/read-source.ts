import { parseSync, Visitor, type VisitorObject } from 'oxc-parser'

/** What a source file has to do with others, and with the process around it. */
export interface SourceFacts {
  /** From the root of the project: `src/policy/decide.ts`. */
  readonly path: string
  /** What it imports or exports from, types too, as it is written there. */
  readonly imports: readonly string[]
  /** What it takes from each: `node:net isIP`, `*` for a whole module. */
  readonly bindings: readonly string[]
  readonly hasDefaultExport: boolean
  /** Which members of the global `process` it uses; `*` when it takes hold of the whole. */
  readonly processMembers: readonly string[]
  /** It takes the time or chance from the global ones. */
  readonly readsClock: boolean
}

type MemberExpression = Parameters<NonNullable<VisitorObject['MemberExpression']>>[0]

/** An import whose target is computed; no rule can judge it. */
export const COMPUTED = '(computed)'

/** Reads one file. @throws when it does not parse: a file that can't be judged must not pass. */
export function readSource(path: string, text: string): SourceFacts {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  const imports: string[] = []
  const bindings: string[] = []
  const members: string[] = []
  const seen = { hasDefaultExport: false, readsClock: false, aliasesProcess: false }
  const add = (source: unknown, names: readonly string[] = ['*']): void => {
    const specifier = literal(source) ?? COMPUTED
    imports.push(specifier)
    bindings.push(...names.map((name) => `${specifier} ${name}`))
  }
  new Visitor({
    ImportDeclaration: ({ source, specifiers }) => add(source, specifiers.map(importedName)),
    ExportAllDeclaration: ({ source }) => add(source),
    ExportNamedDeclaration: ({ source, specifiers }) => {
      if (source) add(source)
      seen.hasDefaultExport ||= specifiers.some(({ exported }) => nameOf(exported) === 'default')
    },
    ExportDefaultDeclaration: () => void (seen.hasDefaultExport = true),
    ImportExpression: ({ source }) => add(source),
    TSImportType: ({ source }) => add(source),
    TSExternalModuleReference: ({ expression }) => add(expression),
    MemberExpression: (node) => void members.push(memberOf(node)),
    VariableDeclarator: ({ init }) => void (seen.aliasesProcess ||= nameOf(init) === 'process'),
    NewExpression: ({ callee, arguments: given }) =>
      void (seen.readsClock ||= nameOf(callee) === 'Date' && given.length === 0),
  }).visit(program)
  const isWhole = seen.aliasesProcess || imports.some(isProcessModule) || members.some(isProcessItself)
  return {
    path,
    imports,
    bindings,
    hasDefaultExport: seen.hasDefaultExport,
    processMembers: isWhole ? ['*'] : members.flatMap(afterProcess),
    readsClock: seen.readsClock || members.some((member) => CLOCKS.has(member)),
  }
}

type ImportSpecifier = Parameters<NonNullable<VisitorObject['ImportDeclaration']>>[0]['specifiers'][number]

function importedName(specifier: ImportSpecifier): string {
  return specifier.type === 'ImportSpecifier' ? (nameOf(specifier.imported) ?? '*') : '*'
}

const CLOCKS: ReadonlySet<string> = new Set(['Date.now', 'Math.random', 'performance.now'])

function isProcessModule(specifier: string): boolean {
  return specifier === 'node:process' || specifier === 'process'
}

function isProcessItself(member: string): boolean {
  return member === 'globalThis.process' || member === 'global.process'
}

function afterProcess(member: string): string[] {
  return member.startsWith('process.') ? [member.slice('process.'.length)] : []
}

/** `object.property` of a member expression, however it is written; `*` for what is computed. */
function memberOf({ object, property, computed }: MemberExpression): string {
  const member = computed ? literal(property) : nameOf(property)
  return `${nameOf(object) ?? '*'}.${member ?? '*'}`
}

function nameOf(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  return 'name' in node && typeof node.name === 'string' ? node.name : literal(node)
}

function literal(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null || !('value' in node)) return undefined
  return typeof node.value === 'string' ? node.value : undefined
}
