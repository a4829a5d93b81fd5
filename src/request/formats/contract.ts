import { COMMON_FORM, type AnswerForm } from '../../policy/refusal.ts'
import type { Artifact, ArtifactKind, Format } from '../../policy/types.ts'
import { lastSegment } from './cut.ts'

/**
 * Says what a file is. `path` is canonical and decoded, below the repository, without a leading slash, `.`, `..` or empty segments;
 * empty or with a trailing slash for a directory. Total: never throws, takes time linear in the path, and gives `unknown` for
 * whatever it does not recognise for certain, in particular for other spellings (case, trailing dots) of something it knows.
 */
export type Recognizer = (path: string) => Artifact

/** All that the gate has to know of a format to judge its requests and to be understood by its clients. */
export interface FormatRules {
  readonly recognize: Recognizer
  /** `@scope%2fname` is one name: the encoded slash is a slash. */
  readonly hasScopedNames: boolean
  /** True for a file that would send clients to the storage itself, past the gate: it is served to nobody. */
  readonly leavesGate: (artifact: Artifact) => boolean
  /** True for a form of a document that can't be adapted to a client: it is never found, and clients take another form. */
  readonly isHidden: (artifact: Artifact) => boolean
  readonly answers: AnswerForm
  /**
   * What a host that stands for a repository says of it at `/.well-known/terraform.json`: services, and where below the repository they are. It
   * names no package, and is said to everybody.
   */
  readonly discovery?: Readonly<Record<string, string>>
  /** It is reached at `/v2/`, where clients of OCI registries look, and nowhere else. */
  readonly isRegistry: boolean
  /** True for a file whose query the storage is to see. */
  readonly takesQuery: (artifact: Artifact) => boolean
  /** Paths at which a client logs in and the gate itself answers: with the `secret` that came, or with the `name` that all logins have. */
  readonly answersLogin: (artifact: Artifact) => 'secret' | 'name' | undefined
}

/** The rules of a format: what is not said is as it is for most. */
export function formatRules(recognize: Recognizer, rules: Partial<FormatRules> = {}): FormatRules {
  return {
    recognize,
    hasScopedNames: false,
    leavesGate: () => false,
    isHidden: () => false,
    answers: COMMON_FORM,
    isRegistry: false,
    takesQuery: ({ kind }) => kind === 'listing',
    answersLogin: () => undefined,
    ...rules,
  }
}

/** What has been found out about a file. */
export interface Finding {
  readonly kind: ArtifactKind
  readonly name?: string
  readonly version?: string
  readonly arch?: string
}

/** Looks at a file; `filename` is the last segment of `path` and not empty. undefined: not known. */
export type Find = (path: string, filename: string) => Finding | undefined

/** How a recognizer takes directories; given are their paths without the last slash. */
interface DirectoryRules {
  /**
   * True for one that is called like a file. It is unknown: there are registries that take no notice of a slash at the end, and would hand
   * out the package.
   */
  readonly isCalledLikeFile?: (path: string) => boolean
  /** What a directory is besides a listing: the page of a project. Asked first. */
  readonly findDirectory?: (path: string) => Finding | undefined
}

/** Makes a recognizer: directories are listings, what `find` does not know is unknown. */
export function createRecognizer(
  format: Format,
  find: Find,
  { isCalledLikeFile = hasFileEnd, findDirectory = nothing }: DirectoryRules = {},
): Recognizer {
  const seeDirectory = (path: string): Finding =>
    findDirectory(path) ?? (isCalledLikeFile(path) ? UNKNOWN : LISTING)
  return (path) => {
    const filename = lastSegment(path)
    const finding = filename === '' ? seeDirectory(path.slice(0, -1)) : (find(path, filename) ?? UNKNOWN)
    return { format, path, filename, ...finding }
  }
}

const LISTING: Finding = { kind: 'listing' }
const UNKNOWN: Finding = { kind: 'unknown' }
const nothing = (): undefined => undefined

/** `tool.exe`, but not `1.2`. */
export function hasFileEnd(path: string): boolean {
  return /\.[A-Za-z][A-Za-z0-9]*$/.test(path)
}
