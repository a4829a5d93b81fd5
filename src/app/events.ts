import { randomBytes, randomInt } from 'node:crypto'
import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { monotonicFactory } from 'ulid'
import type { Config } from '../config/types.ts'
import { createDispatcher } from '../events/dispatcher.ts'
import { post } from '../events/post.ts'
import { createScan } from '../events/scan.ts'
import { startEvents, type Events } from '../events/start-events.ts'
import { createTargetRules, type TargetRules } from '../policy/webhook-target.ts'
import type { SecretKeeper } from '../store/secret-keeper.ts'
import type { Log } from '../telemetry/log.ts'
import type { Gate } from './gate.ts'

export interface BackgroundOptions {
  readonly gate: Pick<Gate, 'store' | 'config' | 'metrics'>
  readonly keeper: Pick<SecretKeeper, 'unseal'>
  readonly log: Log
  readonly version: string
}

/** From the look-up of a target's name to the end of its answer. */
const ATTEMPT_MS = 10_000
const BETWEEN_STEPS_MS = 20
const CHANCE_STEPS = 2 ** 32

/** Where webhooks may lead, by the configuration. */
export function targetRulesOf({ events }: Config): TargetRules {
  return createTargetRules({ allowsHttp: events.allowsHttp, networks: events.allowedNetworks })
}

/** Begins what goes on behind the gate: once in a host, in the process with the management side. */
export function startBackground({ gate, keeper, log, version }: BackgroundOptions): Events {
  const { store, config, metrics } = gate
  const onError = (error: unknown): void => log.error('Events are held up', error)
  const dispatcher = createDispatcher({
    store,
    post: (what) =>
      post(what, { rules: targetRulesOf(config()), resolve: resolveAll, timeoutMs: ATTEMPT_MS }),
    unseal: keeper.unseal,
    newId: monotonicFactory(),
    clock: Date.now,
    random: () => randomInt(CHANCE_STEPS) / CHANCE_STEPS,
    version,
    onAttempt: metrics.webhookAttempt,
    onError,
  })
  return startEvents({
    store,
    dispatcher,
    scan: createScan({
      store,
      repositories: () => config().repositories,
      expiringDays: () => config().events.expiringDays,
      onCensus: metrics.tokens,
      clock: Date.now,
      pause: () => pause(BETWEEN_STEPS_MS),
    }),
    holder: randomBytes(9).toString('hex'),
    keep: () => ({ auditMs: config().audit.keepMs, deliveriesMs: config().events.keepMs }),
    clock: Date.now,
    monotonic: () => performance.now(),
    pause: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
    onBacklog: metrics.webhookBacklog,
    onFollow: () => metrics.tokens([]),
    onError,
  })
}

function resolveAll(host: string): Promise<readonly LookupAddress[]> {
  return lookup(host, { all: true })
}
