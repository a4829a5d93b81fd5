import { describe } from 'vitest'
import { describeDownloads } from './conformance/downloads.ts'
import { describeErrors } from './conformance/errors.ts'
import { describeKeys } from './conformance/keys.ts'
import { describeLimits } from './conformance/limits.ts'
import { describeListing } from './conformance/listing.ts'
import { describeModel } from './conformance/model.ts'
import { describeTokens } from './conformance/tokens.ts'
import { describeUsage } from './conformance/usage.ts'
import { describeWatching } from './conformance/watching.ts'
import type { OpenStore } from './conformance/fixtures.ts'

const PARTS: Readonly<Record<string, (open: OpenStore) => void>> = {
  tokens: describeTokens,
  'listing tokens': describeListing,
  'watching tokens': describeWatching,
  limits: describeLimits,
  downloads: describeDownloads,
  usage: describeUsage,
  'usage against the rules': describeModel,
  keys: describeKeys,
  errors: describeErrors,
}

/**
 * What every store has to pass, judged by its contract alone. Each part opens two stores of one space, as two processes would,
 * and closes what it opened. The times that the store reads itself are those of its own clock; requests carry their own.
 */
export function describeStore(name: string, open: OpenStore): void {
  for (const [part, describePart] of Object.entries(PARTS)) {
    describe(`${name}: ${part}`, () => {
      describePart(open)
    })
  }
}
