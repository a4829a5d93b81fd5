/** Everything before and after the last `separator`; nothing before it when there is none. */
export function cutLast(text: string, separator: string): readonly [before: string, after: string] {
  const at = text.lastIndexOf(separator)
  return [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
}

/** The file name in a path; empty for a directory. */
export function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
