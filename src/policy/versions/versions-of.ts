import type { VersionOrder } from './order.ts'
import { compileRange, type BadRange } from './range.ts'

/** Tells whether a version lies in a range. */
export type VersionTest = (version: string) => boolean

/** What is asked about the versions of a format, whatever they are inside. */
export interface Versions {
  /** Compiles a range, see versions.ts. */
  readonly range: (range: string, inDoubt: boolean) => VersionTest | BadRange
  /** True for a version that comes before a release; undefined where that can't be told. */
  readonly isPrerelease: (version: string) => boolean | undefined
  /** Of the versions that begin with these dotted numbers, prereleases included, none lies below this one. */
  readonly lowest: (numbers: string) => string
}

/** Hides what a version of `order` is after reading. */
export function versionsOf<V>(order: VersionOrder<V>): Versions {
  return {
    range: (range, inDoubt) => compileRange(order, range, inDoubt),
    isPrerelease: (text) => {
      const version = order.parse(text)
      return version === undefined ? undefined : order.isPrerelease(version)
    },
    lowest: order.lowest,
  }
}
