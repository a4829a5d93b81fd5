import { accept, outcome } from '../request/read.ts'

const ENTRANCES = ['/ptkExample01', '/t/ptkExample01', '/basic', '/public']

/** Targets that have `segment` in each place of a path below a repository: first, in the middle, last, last before a slash. */
export function below(segment: string): string[] {
  const paths = [
    segment,
    `${segment}/x`,
    `a/${segment}/x`,
    `a/${segment}`,
    `a/${segment}/`,
    `a/b/${segment}?q`,
  ]
  return ENTRANCES.flatMap((entrance) => paths.map((path) => `${entrance}/acme/npm/${path}`))
}

/** Targets that have `segment` in each place before the path. */
export function before(segment: string): string[] {
  const prefixes = [
    `${segment}/a/b/c`,
    `a/${segment}/b/c`,
    `a/b/${segment}/c`,
    `t/${segment}/a/b/c`,
    `basic/${segment}/b/c`,
  ]
  return prefixes.map((prefix) => `/${prefix}`)
}

/** Those of the targets that are not refused as ambiguous. */
export function unrefused(targets: readonly string[]): string[] {
  return targets.filter((target) => outcome(target) !== 'path_ambiguous')
}

/** The different paths that the targets are read as. Fails when one of them is refused. */
export function pathsOf(targets: readonly string[]): string[] {
  return [...new Set(targets.map((target) => accept(target).path))]
}
