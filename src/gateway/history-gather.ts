import type { DownloadRecord, PackageIncrement, UsageIncrement } from '../store/contract/history.ts'
import type { Observation, ObservedToken } from '../telemetry/observation.ts'
import { classOf } from '../telemetry/outcome-class.ts'
import type { Delivering } from './charge-request.ts'

/** What has come together since it was last taken. */
export interface Gathered {
  readonly usage: readonly UsageIncrement[]
  readonly packages: readonly PackageIncrement[]
  readonly downloads: readonly DownloadRecord[]
}

export interface GatherOptions {
  /** Of a record. They sort as they were made. */
  readonly nextId: () => string
  /** What is told of a client's address, which is given as it counts. */
  readonly tellClient: (client: string) => string
  readonly tellUserAgent: (userAgent: string | null) => string | null
}

/** Adds up. `hasRoom` is asked before anything more is kept; sums that are kept already go on. */
export interface Gathering {
  readonly observe: (observation: Observation, hasRoom: () => boolean) => void
  readonly giveBack: (delivering: Delivering, downloads: number, at: number, hasRoom: () => boolean) => void
  /** Sums, clients and records that are kept. */
  readonly size: () => number
  /** Records alone. */
  readonly records: () => number
  readonly takeRecords: () => readonly DownloadRecord[]
  readonly take: () => Gathered
}

const HOUR_MS = 3_600_000

type ObservedArtifact = NonNullable<Observation['artifact']>

interface PackageSums {
  readonly artifact: ObservedArtifact
  downloads: number
  bytes: number
  firstAt: number
  lastAt: number
}

/** A token in an hour. */
interface TokenSums {
  readonly token: string
  tokenName: string
  readonly hour: number
  downloads: number
  bytes: number
  refusals: Map<string, number> | undefined
  readonly clients: Set<string>
  /** By repository and path. */
  readonly packages: Map<string, Map<string, PackageSums>>
}

/** A delivery that is over, as the log and the sums need it. */
interface Delivery {
  readonly repository: string
  readonly artifact: ObservedArtifact
  readonly at: number
  readonly downloads: number
  readonly bytes: number
}

export function createGathering({ nextId, tellClient, tellUserAgent }: GatherOptions): Gathering {
  let sums = new Map<string, TokenSums>()
  let downloads: DownloadRecord[] = []
  let size = 0

  /** undefined: there is no room. */
  const sumsOf = (token: ObservedToken, at: number, hasRoom: () => boolean): TokenSums | undefined => {
    const hour = at - (at % HOUR_MS)
    // Nearly always all is of one hour.
    const known = sums.get(token.slugPerm)
    if (known?.hour === hour) return known
    const key = known === undefined ? token.slugPerm : `${token.slugPerm} ${hour}`
    const other = known && sums.get(key)
    if (other !== undefined || !hasRoom()) return other
    const begun = beginSums(token, hour)
    sums.set(key, begun)
    size++
    return begun
  }
  const addDelivery = (into: TokenSums, delivery: Delivery, hasRoom: () => boolean): void => {
    const known = packageOf(into, delivery)
    if (known === undefined && !hasRoom()) return
    size += known === undefined ? 1 : 0
    const sum = known ?? beginPackage(into, delivery)
    sum.downloads += delivery.downloads
    sum.bytes += delivery.bytes
    sum.firstAt = Math.min(sum.firstAt, delivery.at)
    sum.lastAt = Math.max(sum.lastAt, delivery.at)
  }
  const log = (record: DownloadRecord, hasRoom: () => boolean): void => {
    if (!hasRoom()) return
    size++
    downloads.push(record)
  }

  const takeRecords = (): readonly DownloadRecord[] => {
    const taken = downloads
    downloads = []
    size -= taken.length
    return taken
  }

  return {
    observe: (observation, hasRoom) => {
      const { token, at, charged, artifact, repository } = observation
      if (token === null) return
      const into = sumsOf(token, at, hasRoom)
      if (into === undefined) return
      into.tokenName = token.name
      // A refusal's own text is not what a customer's traffic is counted by, nor is what the gate says of itself.
      const bytes = observation.status < 400 && artifact !== null ? observation.bytes : 0
      into.downloads += charged
      into.bytes += bytes
      noteRefusal(into, observation)
      if (artifact === null || repository === null || !isDelivery(observation, bytes)) return
      const client = tellClient(observation.client)
      if (!into.clients.has(client) && hasRoom()) {
        into.clients.add(client)
        size++
      }
      addDelivery(into, { repository, artifact, at, downloads: charged, bytes }, hasRoom)
      const { status, durationMs } = observation
      const whose = { token: token.slugPerm, tokenName: token.name, client }
      const userAgent = tellUserAgent(observation.userAgent)
      const how = { status, bytes, downloads: charged, durationMs: Math.round(durationMs) }
      log({ id: nextId(), at, ...whose, userAgent, ...naming(repository, artifact), ...how }, hasRoom)
    },
    giveBack: ({ token, owner, repo, artifact, client }, count, at, hasRoom) => {
      const { slugPerm, name } = token.record
      const repository = `${owner}/${repo}`
      const into = sumsOf({ slugPerm, name }, at, hasRoom)
      if (into === undefined) return
      into.downloads -= count
      addDelivery(into, { repository, artifact, at, downloads: -count, bytes: 0 }, hasRoom)
      const whose = { token: slugPerm, tokenName: name, client: tellClient(client), userAgent: null }
      const nothing = { status: null, bytes: 0, durationMs: null }
      const what = { ...naming(repository, artifact), ...nothing, downloads: -count }
      log({ id: nextId(), at, ...whose, ...what }, hasRoom)
    },
    size: () => size,
    records: () => downloads.length,
    takeRecords,
    take: () => {
      const usage = [...sums.values()].map(toUsage)
      const taken = { usage, packages: packagesIn(sums), downloads: takeRecords() }
      sums = new Map()
      size = 0
      return taken
    },
  }
}

function beginSums({ slugPerm, name }: ObservedToken, hour: number): TokenSums {
  return {
    token: slugPerm,
    tokenName: name,
    hour,
    downloads: 0,
    bytes: 0,
    refusals: undefined,
    clients: new Set(),
    packages: new Map(),
  }
}

function packageOf({ packages }: TokenSums, { repository, artifact }: Delivery): PackageSums | undefined {
  return packages.get(repository)?.get(artifact.path)
}

function beginPackage({ packages }: TokenSums, { repository, artifact, at }: Delivery): PackageSums {
  const files = packages.get(repository) ?? new Map<string, PackageSums>()
  packages.set(repository, files)
  const begun = { artifact, downloads: 0, bytes: 0, firstAt: at, lastAt: at }
  files.set(artifact.path, begun)
  return begun
}

function noteRefusal(into: TokenSums, { outcome }: Observation): void {
  const kind = classOf(outcome)
  if (kind !== 'refused' && kind !== 'failed') return
  into.refusals ??= new Map()
  into.refusals.set(outcome, (into.refusals.get(outcome) ?? 0) + 1)
}

/** Of a package's body: charged, or something of it went out. */
function isDelivery({ artifact, charged, method }: Observation, bytes: number): boolean {
  if (charged > 0) return true
  return bytes > 0 && method === 'GET' && (artifact?.kind === 'package' || artifact?.kind === 'unknown')
}

function naming(
  repository: string,
  { format, name = '', version = '', filename }: ObservedArtifact,
): Pick<DownloadRecord, 'repository' | 'format' | 'name' | 'version' | 'filename'> {
  return { repository, format, name, version, filename }
}

function toUsage({ token, hour, downloads, bytes, refusals, clients }: TokenSums): UsageIncrement {
  return { token, hour, downloads, bytes, refusals: refusals ?? NO_REFUSALS, clients }
}

const NO_REFUSALS: ReadonlyMap<string, number> = new Map()

function packagesIn(sums: ReadonlyMap<string, TokenSums>): PackageIncrement[] {
  const all: PackageIncrement[] = []
  for (const { token, tokenName, packages } of sums.values()) {
    for (const [repository, files] of packages) {
      for (const { artifact, downloads, bytes, firstAt, lastAt } of files.values()) {
        const counts = { downloads, bytes, firstAt, lastAt }
        all.push({ token, tokenName, ...naming(repository, artifact), ...counts })
      }
    }
  }
  return all
}
