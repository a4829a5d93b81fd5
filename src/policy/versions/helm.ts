import { goOrder, type GoVersion } from './go.ts'
import type { VersionOrder } from './order.ts'

/** The order of Helm (Masterminds/semver): as with Go, the last numbers may be missing, and a `v` may stand in front. */
export const helmOrder: VersionOrder<GoVersion> = { ...goOrder, label: 'a version of a chart' }
