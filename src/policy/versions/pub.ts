import type { GoVersion } from './go.ts'
import type { VersionOrder } from './order.ts'
import { plainSemverOrder } from './plain-semver.ts'

/** The order of Dart's pub (pub_semver): that of semantic versions, but builds count, `1.0.0+1` above `1.0.0`. */
export const pubOrder: VersionOrder<GoVersion> = {
  ...plainSemverOrder,
  compare: ({ semver }, bound) => semver.compare(bound.semver) || semver.compareBuild(bound.semver),
}
