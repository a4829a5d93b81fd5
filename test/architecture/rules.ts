import { posix } from 'node:path'
import { COMPUTED, type SourceFacts } from './read-source.ts'

/** Which layers (folders of src) a layer may import. Itself it may always. docs/architecture.md shows the same table. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[] | 'anything'>> = {
  policy: [],
  text: [],
  snippets: ['policy'],
  request: ['policy'],
  // Connections before anything is asked on them.
  front: ['request'],
  http: ['policy', 'text'],
  store: ['policy'],
  telemetry: ['policy'],
  config: ['policy', 'text'],
  deliver: ['policy', 'http'],
  // What goes on behind the gate: it tells the world of what the store has, and asks nobody else.
  events: ['policy', 'store'],
  backup: ['policy', 'store'],
  gateway: ['request', 'policy', 'store', 'http', 'deliver', 'telemetry', 'text', 'snippets'],
  edge: ['gateway', 'request', 'policy', 'http'],
  admin: ['policy', 'store', 'http', 'telemetry', 'text'],
  cli: ['policy', 'config', 'text', 'snippets'],
  // For browsers: of the rest only what computes, and needs nothing that a browser has not.
  console: ['policy', 'text', 'snippets'],
  app: 'anything',
}

/** Where things are put together and the process is spoken to. */
const COMPOSITION = new Set(['app', 'cli'])

/** Layers that only compute, and the few parts of Node that they need for it. */
const PURE: Readonly<Record<string, readonly string[]>> = {
  // The checksum of generated secrets.
  policy: ['node:zlib crc32'],
  text: [],
  snippets: [],
  request: ['node:net isIP'],
  // Runs in browsers.
  console: [],
}

/** Libraries that more than one layer may import, and why. */
const SHARED: Readonly<Record<string, { readonly layers: readonly string[]; readonly why: string }>> = {
  zod: {
    layers: ['config', 'admin'],
    why: 'what people write is checked where it comes in: a file and an API',
  },
  yaml: {
    layers: ['config', 'deliver'],
    why: 'the configuration and the indexes of Helm are YAML, which nobody should read by a second implementation',
  },
  'lru-cache': {
    layers: ['store', 'deliver'],
    why: 'tokens and small files are both kept in memory within a bound, and a second implementation would be a second risk',
  },
}

/** Where the clock is taken by default, and why. */
const CLOCK_READERS: Readonly<Record<string, string>> = {
  'src/telemetry/log.ts': 'dates its own lines; tests give it another clock',
  'src/console/clock.ts': 'is the clock of the browser, which is given to everything else there',
}

const ENVIRONMENT_READER = 'src/config/environment.ts'
const SQLITE = 'src/store/sqlite/'

/** Everything in `files` that breaks a rule of the house, as sentences that begin with the path; empty when all is well. */
export function findViolations(files: readonly SourceFacts[]): string[] {
  return [
    ...files.flatMap((file) => [
      ...layerViolations(file),
      ...moduleViolations(file),
      ...habitViolations(file),
    ]),
    ...sharedLibraries(files),
    ...cycles(files),
  ]
}

/** A file of src itself belongs to the folder of its name (cli.ts, app.ts), else to the composition. */
function layerOf(path: string): string {
  const [, folder = '', ...rest] = path.split('/')
  const name = rest.length === 0 ? folder.replace(/\.ts$/, '') : folder
  return rest.length === 0 && MAY_IMPORT[name] === undefined ? 'app' : name
}

/** undefined for what does not lie in the project. */
function resolveImport(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined
}

function layerViolations({ path, imports }: SourceFacts): string[] {
  const layer = layerOf(path)
  const allowed = MAY_IMPORT[layer]
  if (allowed === undefined) return [`${path}: the folder ${layer} is not in the import table`]
  return imports.flatMap((specifier) => {
    const target = resolveImport(path, specifier)
    if (target === undefined) return []
    if (!target.startsWith('src/')) return [`${path}: imports ${target}, which lies outside src`]
    const other = layerOf(target)
    const isAllowed = other === layer || allowed === 'anything' || allowed.includes(other)
    return isAllowed ? [] : [`${path}: ${layer} may not import ${other} (${specifier})`]
  })
}

function moduleViolations({ path, imports, bindings }: SourceFacts): string[] {
  const layer = layerOf(path)
  const builtins = bindings.filter((binding) => binding.startsWith('node:'))
  const impure = builtins.filter((binding) => PURE[layer]?.includes(binding) === false)
  return [
    ...impure.map((name) => `${path}: ${layer} is pure and may not import ${name}`),
    ...(imports.includes('node:sqlite') && !path.startsWith(SQLITE)
      ? [`${path}: only ${SQLITE} may import node:sqlite`]
      : []),
    ...(imports.includes(COMPUTED) ? [`${path}: an import is computed and can't be judged`] : []),
  ]
}

function habitViolations(file: SourceFacts): string[] {
  const { path } = file
  const composes = COMPOSITION.has(layerOf(path))
  const readsEnvironment = file.processMembers.some((member) => member === 'env' || member === '*')
  const touchesProcess = file.processMembers.some((member) => member !== 'versions')
  return [
    ...(file.hasDefaultExport ? [`${path}: exports by name only, no default`] : []),
    ...(readsEnvironment && path !== ENVIRONMENT_READER
      ? [`${path}: only ${ENVIRONMENT_READER} reads process.env`]
      : []),
    ...(touchesProcess && !composes && path !== ENVIRONMENT_READER
      ? [`${path}: process belongs to main.ts, app and cli`]
      : []),
    ...(file.readsClock && !composes && CLOCK_READERS[path] === undefined
      ? [`${path}: the clock and chance are arguments, made in app.ts`]
      : []),
  ]
}

/** A library of others is imported in one layer only, so that replacing it touches one folder. */
function sharedLibraries(files: readonly SourceFacts[]): string[] {
  const users = new Map<string, Set<string>>()
  for (const { path, imports } of files) {
    for (const library of imports.flatMap(libraryOf)) {
      users.set(library, (users.get(library) ?? new Set<string>()).add(layerOf(path)))
    }
  }
  return [...users].flatMap(([library, layers]) => {
    const names = [...layers].toSorted()
    const allowed = SHARED[library]?.layers ?? names.slice(0, 1)
    const isAllowed = names.every((layer) => allowed.includes(layer))
    return isAllowed ? [] : [`src: ${library} is imported in ${names.join(' and ')}; one layer may`]
  })
}

function libraryOf(specifier: string): string[] {
  if (specifier.startsWith('.') || specifier.startsWith('node:') || specifier === COMPUTED) return []
  return [specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')]
}

/** Circles of imports, types included, each told once. */
function cycles(files: readonly SourceFacts[]): string[] {
  const graph = new Map(
    files.map(({ path, imports }) => [path, imports.flatMap((each) => resolveImport(path, each) ?? [])]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path)
    if (at !== -1) found.push(`${path}: imports itself: ${[...way.slice(at), path].join(' → ')}`)
    if (at !== -1 || done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...way, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}
