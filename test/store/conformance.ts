import { describe } from 'vitest'
import { describeAudit } from './conformance/audit.ts'
import { describeBatches } from './conformance/batches.ts'
import { describeBytes } from './conformance/bytes.ts'
import { describeClientsWindow } from './conformance/clients-window.ts'
import { describeConcurrency } from './conformance/concurrency.ts'
import { describeDownloads } from './conformance/downloads.ts'
import { describeErrors } from './conformance/errors.ts'
import { describeEvents } from './conformance/events.ts'
import { describeExpectations } from './conformance/expectations.ts'
import { describeExtremes } from './conformance/extremes.ts'
import { describeFree } from './conformance/free.ts'
import { describeHistory } from './conformance/history.ts'
import { describeKeys } from './conformance/keys.ts'
import { describeLimits } from './conformance/limits.ts'
import { describeListing } from './conformance/listing.ts'
import { describeModel } from './conformance/model.ts'
import { describeOwnerLevel } from './conformance/owner-level.ts'
import { describePeriods } from './conformance/periods.ts'
import { describeRate } from './conformance/rate.ts'
import { describeReady } from './conformance/ready.ts'
import { describeSearching } from './conformance/searching.ts'
import { describeSecrets } from './conformance/secrets.ts'
import { describeSeenClients } from './conformance/seen-clients.ts'
import { describeSync } from './conformance/sync.ts'
import { describeTokenBatches } from './conformance/token-batches.ts'
import { describeTokens } from './conformance/tokens.ts'
import { describeUsage } from './conformance/usage.ts'
import { describeWatching } from './conformance/watching.ts'
import type { Capabilities, OpenStore } from './conformance/fixtures.ts'

const PARTS: Readonly<Record<string, (open: OpenStore, capabilities: Capabilities) => void>> = {
  tokens: describeTokens,
  'secrets and first downloads': describeSecrets,
  'listing tokens': describeListing,
  'searching tokens': describeSearching,
  'tokens of an owner': describeOwnerLevel,
  'watching tokens': describeWatching,
  'changes that expect something': describeExpectations,
  'syncing tokens': describeSync,
  'batches of tokens': describeTokenBatches,
  limits: describeLimits,
  'the limit on bytes': describeBytes,
  'the limit on requests a second': describeRate,
  'the limit on downloads at once': describeConcurrency,
  'clients that are forgotten': describeClientsWindow,
  'counting periods': describePeriods,
  'free deliveries': describeFree,
  'deliveries that are ready': describeReady,
  'extremes and combinations': describeExtremes,
  downloads: describeDownloads,
  usage: describeUsage,
  'batches of traffic': describeBatches,
  'usage against the rules': describeModel,
  'clients that are seen': describeSeenClients,
  history: describeHistory,
  keys: describeKeys,
  'the audit log': describeAudit,
  'events and webhooks': describeEvents,
  errors: describeErrors,
}

/**
 * What every store has to pass, judged by its contract alone. Each part opens two stores of one space, as two processes would,
 * and closes what it opened. The times that the store reads itself are those of its own clock; requests carry their own.
 */
export function describeStore(name: string, open: OpenStore, capabilities: Capabilities = {}): void {
  for (const [part, describePart] of Object.entries(PARTS)) {
    describe(`${name}: ${part}`, () => {
      describePart(open, capabilities)
    })
  }
}
