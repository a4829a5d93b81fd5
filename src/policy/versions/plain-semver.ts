import { goOrder, type GoVersion } from './go.ts'
import type { VersionOrder } from './order.ts'

/** The order of Semantic Versioning, where no format has a grammar of ranges of its own. Bounds may lack their last numbers. */
export const plainSemverOrder: VersionOrder<GoVersion> = { ...goOrder, label: 'a semantic version' }
