import type { AuditEvent } from '../policy/audit-event.ts'
import { isOwnerLevel } from '../policy/owner-level.ts'
import { SECRET_MASK } from '../policy/secret.ts'
import type { StoredToken, Usage } from './contract.ts'
import type { AuditEntry, AuditObject, ChangeNote, FieldChanges, ObjectNote } from './contract/audit.ts'
import { STORED_TOKEN_DEFAULTS } from './stored-token.ts'

/**
 * What an entry says of each field of a token. `secret`: that it changed, nothing else. `never`: nothing; they are secrets in another form
 * (a digest would let a guess be checked), or say what the entry says anyway. A new field does not compile until it has a place here.
 */
const FIELDS: Readonly<Record<keyof StoredToken, 'shown' | 'secret' | 'never'>> = {
  name: 'shown',
  isActive: 'shown',
  validFrom: 'shown',
  validUntil: 'shown',
  repositories: 'shown',
  packages: 'shown',
  packageQuery: 'shown',
  pathQuery: 'shown',
  limitDownloads: 'shown',
  limitClients: 'shown',
  clientsWindowMs: 'shown',
  limitBandwidth: 'shown',
  limitBandwidthUnit: 'shown',
  limitRate: 'shown',
  limitConcurrency: 'shown',
  networks: 'shown',
  publishedUntil: 'shown',
  startsOnFirstDownload: 'shown',
  resetPeriod: 'shown',
  resetAnchor: 'shown',
  eulaRequired: 'shown',
  eulaAccepted: 'shown',
  metadata: 'shown',
  firstDownloadAt: 'shown',
  previousValidUntil: 'shown',
  digest: 'secret',
  sealedSecret: 'never',
  previousDigest: 'never',
  secretUsedAt: 'never',
  previousSecretUsedAt: 'never',
  slugPerm: 'never',
  owner: 'never',
  repo: 'never',
  createdAt: 'never',
  createdBy: 'never',
  updatedAt: 'never',
  updatedBy: 'never',
}

/** The name under which an entry says that the secret changed. */
const SECRET_FIELD = 'secret'

const NAMES = Object.keys(FIELDS) as readonly (keyof StoredToken)[]

/** The entry about a change from `before` to `after`, as the store really had and has them; undefined: the token is new, or gone. */
export function tokenEntry(
  note: ChangeNote,
  before: StoredToken | undefined,
  after: StoredToken | undefined,
): AuditEntry {
  const token = after ?? before
  const object: AuditObject = {
    kind: 'entitlement',
    owner: token?.owner ?? null,
    repo: token === undefined || isOwnerLevel(token) ? null : token.repo,
    id: token?.slugPerm ?? null,
    name: token?.name ?? null,
  }
  const changes = diff(before, after)
  return { ...note, event: eventOf(note.event, changes, after), object, changes }
}

/** The entry about counters that were set to zero, with what they were. */
export function resetEntry(
  note: ObjectNote,
  { downloads, clients, bytes }: Pick<Usage, 'downloads' | 'clients' | 'bytes'>,
): AuditEntry {
  const counters = Object.entries({ downloads, clients, bytes })
  return { ...note, changes: Object.fromEntries(counters.map(([name, count]) => [name, [count, 0]])) }
}

/** What differs between two things, by what may be shown of each; null stands for what one of them has not. */
export function shownChanges(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): FieldChanges {
  const changes: Record<string, readonly [unknown, unknown]> = {}
  for (const name of Object.keys({ ...before, ...after })) {
    const [old, next] = [before[name] ?? null, after[name] ?? null]
    if (!isSame(old, next)) changes[name] = [old, next]
  }
  return changes
}

/** That there is another secret, if so: nothing of either. undefined: there is none. */
export function secretChange(before: string | undefined, after: string | undefined): FieldChanges {
  return before === after ? {} : { [SECRET_FIELD]: [masked(before), masked(after)] }
}

function masked(secret: unknown): string | null {
  return secret === undefined || secret === null ? null : SECRET_MASK
}

/** Of a token that is new or gone: what was said of it, beside its name. */
function diff(before: StoredToken | undefined, after: StoredToken | undefined): FieldChanges {
  const changes: Record<string, readonly [unknown, unknown]> = {}
  for (const name of NAMES) {
    const [old, next] = [before?.[name] ?? null, after?.[name] ?? null]
    if (FIELDS[name] === 'never' || isSame(old, next)) continue
    if (FIELDS[name] === 'secret') {
      changes[SECRET_FIELD] = [masked(old), masked(next)]
    } else if ((before !== undefined && after !== undefined) || !isDefault(name, old ?? next)) {
      changes[name] = [old, next]
    }
  }
  return changes
}

function isDefault(name: keyof StoredToken, value: unknown): boolean {
  const defaults: Readonly<Partial<Record<string, unknown>>> = STORED_TOKEN_DEFAULTS
  return Object.hasOwn(defaults, name) && isSame(defaults[name], value)
}

/** Plain data that came through JSON: the same text is the same value. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

function eventOf(given: AuditEvent, changes: FieldChanges, after: StoredToken | undefined): AuditEvent {
  if (given !== 'repo.entitlement.updated' || after === undefined) return given
  if (Object.hasOwn(changes, SECRET_FIELD)) return 'repo.entitlement.secret_updated'
  const names = Object.keys(changes)
  if (names.length !== 1 || names[0] !== 'isActive') return given
  return after.isActive ? 'repo.entitlement.enabled' : 'repo.entitlement.disabled'
}
