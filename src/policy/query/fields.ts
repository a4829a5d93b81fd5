import { FORMAT_POLICIES, FORMATS } from '../formats.ts'
import type { Artifact, Format } from '../types.ts'
import { compilePattern, fold, type Pattern } from './pattern.ts'
import type { Judge, Truth } from './truth.ts'
import { compileVersionTerm } from './version-term.ts'

/** What a query over packages is asked about. Texts are folded, except `version`; undefined: can't be told. */
export interface PackageSubject {
  readonly format: Format
  readonly name: string | undefined
  /** Of Maven's coordinates. */
  readonly group: string | undefined
  readonly filename: string | undefined
  readonly version: string | undefined
  readonly arch: string | undefined
  readonly repo: string
  /** `owner/repo`. */
  readonly place: string
}

/** Compiles the value of a field, or says what is wrong with it. */
type CompileValue = (value: string) => Judge<PackageSubject> | string

/** The fields that the gate can judge by. */
export const PACKAGE_FIELDS: ReadonlyMap<string, CompileValue> = new Map<string, CompileValue>([
  ['name', compileName],
  ['maven_group_id', text((subject) => subject.group)],
  ['filename', text((subject) => subject.filename)],
  ['version', compileVersion],
  ['prerelease', choice(['true', 'false'], tellPrerelease)],
  ['architecture', text((subject) => subject.arch, true)],
  ['format', choice(FORMATS, (subject) => subject.format)],
  ['type', choice(['binary', 'source'], tellType)],
  ['repository', compileRepository],
])

/**
 * Cloudsmith's fields that nothing in a request tells. `distribution` and `deb_component` are among them: a file in the pool belongs to
 * whatever index names it.
 */
export const UNTOLD_FIELDS: ReadonlySet<string> = new Set([
  'tag',
  'distribution',
  'status',
  'checksum',
  'downloads',
  'size',
  'uploaded',
  'last_downloaded',
  'token',
  'entitlement',
  'dependency',
  'deb_component',
  'docker_image_digest',
  'docker_layer_digest',
  'license',
  'severity',
  'vulnerabilities',
  'policy_violated',
  'vulnerability_policy_violated',
  'license_policy_violated',
  'deny_policy_violated',
])

/** What is known of the package that a file is, or belongs to. */
export function packageSubject(artifact: Artifact, owner: string, repo: string): PackageSubject {
  const { format, name, version, arch } = artifact
  const filename = packageFilename(artifact)
  const split = name === undefined ? undefined : FORMAT_POLICIES[format].splitName?.(name)
  return {
    format,
    name: foldKnown(split?.name ?? name),
    group: foldKnown(split?.group),
    filename: foldKnown(filename),
    version,
    arch: foldKnown(arch),
    repo: fold(repo),
    place: fold(`${owner}/${repo}`),
  }
}

/** The name of a signature's file is not that of the package; in raw repositories the package's name holds it. */
function packageFilename(artifact: Artifact): string | undefined {
  if (artifact.kind === 'package') return artifact.filename
  if (artifact.name === undefined) return undefined
  const { path, isWhole } = FORMAT_POLICIES[artifact.format].placeOf(artifact)
  return isWhole ? path.slice(path.lastIndexOf('/') + 1) : undefined
}

function foldKnown(known: string | undefined): string | undefined {
  return known === undefined ? undefined : fold(known)
}

function text(read: (subject: PackageSubject) => string | undefined, whole = false): CompileValue {
  return (value) => {
    const pattern = compilePattern(value, whole)
    if (typeof pattern === 'string') return pattern
    return (subject) => {
      const known = read(subject)
      return known === undefined ? undefined : pattern.matches(known)
    }
  }
}

/** A pattern over names is written as the format of the package spells them. */
function compileName(value: string): Judge<PackageSubject> | string {
  const written = compilePattern(value)
  if (typeof written === 'string') return written
  const spelled = new Map<Format, Pattern>()
  for (const format of FORMATS) {
    const { spellName } = FORMAT_POLICIES[format]
    const pattern = spellName && compilePattern(spellName(value))
    if (typeof pattern === 'object') spelled.set(format, pattern)
  }
  return ({ format, name }) =>
    name === undefined ? undefined : (spelled.get(format) ?? written).matches(name)
}

/** Values of which there are few. They are compared whole, with anchors or without, so that no misspelt one can slip in. */
function choice(
  values: readonly string[],
  read: (subject: PackageSubject) => string | undefined,
): CompileValue {
  return (value) => {
    const chosen = values.find((each) => each === value.replace(/^\^|\$$/g, '').toLowerCase())
    if (chosen === undefined) return `this must be ${values.join(' or ')}`
    return (subject) => {
      const known = read(subject)
      return known === undefined ? undefined : known === chosen
    }
  }
}

function compileVersion(value: string): Judge<PackageSubject> | string {
  const judge = compileVersionTerm(value)
  if (typeof judge === 'string') return judge
  return ({ format, version }): Truth => (version === undefined ? undefined : judge({ format, version }))
}

/** A value with a slash is compared with `owner/repo`. */
function compileRepository(value: string): Judge<PackageSubject> | string {
  return text((subject) => (value.includes('/') ? subject.place : subject.repo), true)(value)
}

function tellPrerelease({ format, version }: PackageSubject): string | undefined {
  const { isPrerelease } = FORMAT_POLICIES[format].versions
  return version === undefined ? undefined : isPrerelease(version)?.toString()
}

function tellType({ format, arch }: PackageSubject): string | undefined {
  const { sources } = FORMAT_POLICIES[format]
  if (arch === undefined || sources === undefined) return undefined
  return sources.includes(arch) ? 'source' : 'binary'
}
