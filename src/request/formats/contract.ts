import type { Artifact, ArtifactKind, Format } from '../../policy/types.ts'

/**
 * Says what a file is. `path` is canonical and decoded, below the repository, without a leading slash, `.`, `..` or empty segments;
 * empty or with a trailing slash for a directory. Total: never throws, takes time linear in the path, and gives `unknown` for
 * whatever it does not recognise for certain, in particular for other spellings (case, trailing dots) of something it knows.
 */
export type Recognizer = (path: string) => Artifact

/** What has been found out about a file. */
export interface Finding {
  readonly kind: ArtifactKind
  readonly name?: string
  readonly version?: string
  readonly arch?: string
}

/** Looks at a file; `filename` is the last segment of `path` and not empty. undefined: not known. */
export type Find = (path: string, filename: string) => Finding | undefined

/**
 * Makes a recognizer: directories are listings, what `find` does not know is unknown. A directory that is called like a file
 * (`isCalledLikeFile`, given its path without the last slash) is unknown too: there are registries that take no notice of a slash
 * at the end, and would hand out the package.
 */
export function createRecognizer(
  format: Format,
  find: Find,
  isCalledLikeFile: (path: string) => boolean = hasFileEnd,
): Recognizer {
  return (path) => {
    const filename = lastSegment(path)
    if (filename !== '') return { format, path, filename, ...(find(path, filename) ?? UNKNOWN) }
    return { format, path, filename, ...(isCalledLikeFile(path.slice(0, -1)) ? UNKNOWN : LISTING) }
  }
}

const LISTING: Finding = { kind: 'listing' }
const UNKNOWN: Finding = { kind: 'unknown' }

/** `tool.exe`, but not `1.2`. */
function hasFileEnd(path: string): boolean {
  return /\.[A-Za-z][A-Za-z0-9]*$/.test(path)
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
