import type { SetName } from '../search/sets.ts'

/** Names of the keys. Those of one token share a slot of a cluster, and so do those by which tokens are found: see the braces. */
export interface Keys {
  readonly usage: (token: string) => string
  readonly clients: (token: string) => string
  readonly ledger: (token: string, client: string, artifact: string) => string
  /** A delivery that opens no ledger. */
  readonly free: (token: string, reservation: string) => string
  readonly places: (token: string) => string
  /** What calls of the process `writer` charged and settled at once, see traces.ts. Not for a cluster. */
  readonly traces: (writer: string) => string
  /** Last chunk of traffic that `writer` recorded; in the slot of `token`, or of all tokens. */
  readonly recorded: (writer: string, token?: string) => string
  /** Says that a part of a batch was recorded; in the slot of `token`, or of all tokens. */
  readonly batch: (id: string, token?: string) => string
  /** Written by pings. */
  readonly ping: string
  /** History of a token: its hours, its days, its packages. */
  readonly history: (token: string, part: 'hours' | 'days' | 'packages') => string
  /** Of a repository: its packages, and the log of its downloads. */
  readonly repositoryHistory: (repository: string, part: 'packages' | 'downloads') => string
  /** Tokens of which something was recorded last. */
  readonly seenTokens: string
  /** Packages of a repository that were delivered on a day. */
  readonly packageDay: (repository: string, day: number) => string
  /** Who downloaded a package. */
  readonly downloaders: (repository: string, name: string) => string
  /** Last batch of history of a writer; beside `key`, or for all. */
  readonly historyWriter: (writer: string, key?: string) => string
  readonly records: string
  readonly deleted: string
  readonly names: (owner: string, repo: string) => string
  readonly activeNames: (owner: string, repo: string) => string
  /** What tokens are searched by, see search/. All of it is made from records and usage, and can be made again from them. */
  readonly search: SearchKeys
  readonly digest: (digest: string) => string
  readonly changes: string
  readonly channel: string
  readonly apiKeys: string
  readonly processes: string
  readonly processNumber: string
  /** Of the audit log: id → entry. */
  readonly audit: string
  /** Ids of entries by when; all of them, or those that have something in common. */
  readonly auditBy: (what: string) => string
  /** Resets whose entries are still to be written: id → note. Beside it, in the token's slot, what each found. */
  readonly resets: string
  readonly resetCounters: (token: string) => string
  /** Events that nobody has handed out. */
  readonly outbox: string
  /** Ids of events by when. */
  readonly seen: string
  readonly webhooks: string
  readonly deliveries: string
  /** Ids of deliveries: of a webhook by when they were made, of a state by when they are due or ended. */
  readonly deliveriesOf: (webhook: string) => string
  readonly deliveriesIn: (state: string) => string
  /** By "hour token reason": counts, what is known of each, and the hours. */
  readonly refusals: string
  readonly refusalFacts: string
  readonly refusalHours: string
  readonly lease: (name: string) => string
  /** There while a restore is not done with the store. */
  readonly unfinished: string
}

interface SearchKeys {
  /**
   * Sorted sets of search/sets.ts. Of texts, members are "value\0slug_perm" and all scores 0; else members are slug_perms, and scores the
   * values.
   */
  readonly set: (set: SetName) => string
  /** slug_perm → its number, a space, and facts (policy/search/facts.ts). */
  readonly facts: string
  /** slug_perm → what is known of its use. */
  readonly usage: string
  /** Number → slug_perm. */
  readonly numbers: string
  /** List of numbers that nobody has any more, and how many were ever given. */
  readonly freeNumbers: string
  readonly lastNumber: string
  /** Bitmap of a slot, see search/slots.ts: the bit at its number is a token's. */
  readonly bits: (slot: number) => string
  /** Tokens of whose use searches are to be told, by when. */
  readonly due: string
  /** There when every token can be searched; see build-index.ts for what it says. */
  readonly ready: string
}

function createSearchKeys(shared: string, own: Pick<Keys, 'names' | 'activeNames'>): SearchKeys {
  return {
    set: ({ kind, owner, repo }) => {
      if (repo !== null && kind === 'names') return own.names(owner, repo)
      if (repo !== null && kind === 'active') return own.activeNames(owner, repo)
      return `${shared}:by-${kind}:${owner}${repo === null ? '' : `/${repo}`}`
    },
    facts: `${shared}:search-facts`,
    usage: `${shared}:search-usage`,
    numbers: `${shared}:search-numbers`,
    freeNumbers: `${shared}:search-free-numbers`,
    lastNumber: `${shared}:search-last-number`,
    bits: (slot) => `${shared}:search-bits:${slot}`,
    due: `${shared}:search-due`,
    ready: `${shared}:search-ready`,
  }
}

/** All keys begin with `prefix`, which has no braces. */
export function createKeys(prefix: string): Keys {
  const shared = `${prefix}:{tokens}`
  const of = (token: string): string => `${prefix}:{${token}}`
  const names = (owner: string, repo: string): string => `${shared}:names:${owner}/${repo}`
  const activeNames = (owner: string, repo: string): string => `${shared}:active-names:${owner}/${repo}`
  return {
    usage: (token) => `${of(token)}:usage`,
    clients: (token) => `${of(token)}:clients`,
    ledger: (token, client, artifact) => `${of(token)}:ledger:${client} ${artifact}`,
    free: (token, reservation) => `${of(token)}:free:${reservation}`,
    places: (token) => `${of(token)}:places`,
    traces: (writer) => `${shared}:traces:${writer}`,
    recorded: (writer, token) => `${token === undefined ? shared : of(token)}:recorded:${writer}`,
    batch: (id, token) => `${token === undefined ? shared : of(token)}:batch:${id}`,
    ping: `${shared}:ping`,
    history: (token, part) => `${of(token)}:history:${part}`,
    repositoryHistory: (repository, part) => `${of(repository)}:history:${part}`,
    seenTokens: `${shared}:history-seen`,
    packageDay: (repository, day) => `${of(repository)}:history:day:${day}`,
    downloaders: (repository, name) => `${of(tagOf(repository, name))}:history:downloaders:${name}`,
    historyWriter: (writer, key) => `${key === undefined ? shared : slotOf(key)}:history-writer:${writer}`,
    records: `${shared}:records`,
    deleted: `${shared}:deleted`,
    names,
    activeNames,
    search: createSearchKeys(shared, { names, activeNames }),
    digest: (digest) => `${shared}:digest:${digest}`,
    changes: `${shared}:changes`,
    channel: `${prefix}:changes`,
    apiKeys: `${shared}:api-keys`,
    processes: `${shared}:processes`,
    processNumber: `${shared}:process-number`,
    audit: `${shared}:audit`,
    auditBy: (what) => `${shared}:audit-by:${what}`,
    resets: `${shared}:resets`,
    resetCounters: (token) => `${of(token)}:reset-counters`,
    outbox: `${shared}:outbox`,
    seen: `${shared}:events-seen`,
    webhooks: `${shared}:webhooks`,
    deliveries: `${shared}:deliveries`,
    deliveriesOf: (webhook) => `${shared}:deliveries-of:${webhook}`,
    deliveriesIn: (state) => `${shared}:deliveries-in:${state}`,
    refusals: `${shared}:refusals`,
    refusalFacts: `${shared}:refusal-facts`,
    refusalHours: `${shared}:refusal-hours`,
    lease: (name) => `${shared}:lease:${name}`,
    unfinished: `${shared}:unfinished`,
  }
}

/** A brace in a name would end the hash tag: what is in it need not be the whole name, only always the same. */
function tagOf(repository: string, name: string): string {
  return `${repository} ${name.replaceAll(/[{}]/g, '')}`
}

/** A key up to its hash tag. */
export function slotOf(key: string): string {
  return key.slice(0, key.indexOf('}') + 1)
}
