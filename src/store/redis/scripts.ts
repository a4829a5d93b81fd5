import { readFileSync } from 'node:fs'
import type { Client } from './connection.ts'
import { within } from './errors.ts'

/** The files that make up each script. Their headers say what keys and values are, and what comes back. */
const FILES: Readonly<Record<keyof Scripts, readonly string[]>> = {
  reserve: ['usage', 'ledger', 'reserve'],
  settle: ['usage', 'ledger', 'settle'],
  record: ['usage', 'record'],
  recordBatch: ['usage', 'record'],
  readUsage: ['usage', 'read-usage'],
  resetUsage: ['usage', 'reset-usage'],
  listClients: ['usage', 'list-clients'],
  releaseClient: ['usage', 'release-client'],
  recordHistory: ['history', 'record-history'],
  readHistory: ['history', 'read-history'],
  readTotals: ['history', 'read-totals'],
  readTallies: ['history', 'read-tallies'],
  changeToken: ['writes', 'change-token'],
  syncTokens: ['writes', 'sync-tokens'],
  changeTokens: ['writes', 'holders', 'change-tokens'],
  findBatch: ['holders', 'find-batch'],
  apply: ['writes', 'apply'],
  lease: ['lease'],
  walk: ['walk'],
  findTokens: ['find-tokens'],
  listTokens: ['list-tokens'],
  beat: ['beat'],
  readAccount: ['usage', 'ledger', 'read-account'],
  putAccount: ['usage', 'ledger', 'put-account'],
  putHistory: ['history', 'put-history'],
}

/** One script; sent as its digest, and once more in full where the server does not know it (any more). */
type Script<Reply> = (keys: readonly string[], values: readonly (string | number)[]) => Promise<Reply>

/** What `defineCommand` adds to a client. */
type Commands<Name extends string> = Readonly<
  Record<Name, (keyCount: number, ...rest: readonly unknown[]) => Promise<unknown>>
>

export interface Scripts {
  readonly reserve: Script<readonly (number | string)[]>
  readonly settle: Script<readonly (number | string)[]>
  readonly record: Script<readonly (number | string)[]>
  /** The same, for what is forgotten elsewhere once it is acknowledged. */
  readonly recordBatch: Script<readonly (number | string)[]>
  readonly readUsage: Script<readonly (number | null)[]>
  readonly resetUsage: Script<readonly (number | string)[]>
  readonly listClients: Script<readonly [number, string, ...(string | number | null)[]]>
  readonly releaseClient: Script<0 | 1>
  readonly recordHistory: Script<readonly (number | string)[]>
  readonly readHistory: Script<readonly (number | string)[]>
  readonly readTotals: Script<readonly string[]>
  readonly readTallies: Script<readonly string[]>
  readonly changeToken: Script<readonly ['done', number] | readonly ['stale'] | readonly ['conflict']>
  /** The number of the change; 0: something was not as it was read. */
  readonly syncTokens: Script<number>
  /** The same. */
  readonly changeTokens: Script<number>
  readonly findBatch: Script<readonly string[]>
  /** 1: done; 0: something was not as it should be. */
  readonly apply: Script<0 | 1>
  readonly lease: Script<0 | 1>
  readonly walk: Script<readonly [number, ...string[]]>
  readonly findTokens: Script<readonly string[]>
  readonly listTokens: Script<readonly [number, ...string[]]>
  readonly beat: Script<readonly [string, string, number, ...string[]]>
  readonly readAccount: Script<readonly string[]>
  readonly putAccount: Script<1>
  readonly putHistory: Script<1>
}

/** The text of a Lua file of this folder. */
export function readLua(name: string): string {
  return readFileSync(new URL(`lua/${name}.lua`, import.meta.url), 'utf8')
}

/** Share of the deadline that replicas may take, so that their number is told and not only the deadline. */
const WAITED = 0.8
/** Scripts whose change must not be lost once it is acknowledged. */
const LASTING: ReadonlySet<keyof Scripts> = new Set([
  'reserve',
  'changeToken',
  'syncTokens',
  'changeTokens',
  'resetUsage',
  'recordBatch',
  'releaseClient',
  'apply',
])

/** What changes many tokens at once may take so much longer than the others: no download waits for it. */
const PATIENCE = 4
const PATIENT: ReadonlySet<keyof Scripts> = new Set(['syncTokens', 'changeTokens', 'findBatch'])

/**
 * Makes the scripts commands of the client. A call rejects after `deadlineMs`, a change of many tokens after some of them, and may be carried out all the same; so does one that must
 * not be lost and that fewer than so many replicas have.
 */
export function createScripts(client: Client, deadlineMs: number, replicas: number): Scripts {
  const names = Object.keys(FILES) as (keyof Scripts)[]
  const scripts = names.map((name) => {
    const command = `postern-${name}` as const
    client.defineCommand(command, { lua: FILES[name].map(readLua).join('\n') })
    const patienceMs = PATIENT.has(name) ? PATIENCE * deadlineMs : deadlineMs
    const run: Script<unknown> = (keys, values) =>
      within(patienceMs, (client as unknown as Commands<typeof command>)[command](keys.length, keys, values))
    const isCopied = replicas > 0 && LASTING.has(name)
    return [name, isCopied ? copied(client, deadlineMs, replicas, run) : run] as const
  })
  // The headers of the files promise the types.
  return Object.fromEntries(scripts) as unknown as Scripts
}

function copied(client: Client, deadlineMs: number, replicas: number, run: Script<unknown>): Script<unknown> {
  return async (keys, values) => {
    const answer = await run(keys, values)
    // Not sent along with the script: one that has to be sent again would come after it.
    const copies = await within(deadlineMs, client.wait(replicas, deadlineMs * WAITED))
    if (copies < replicas) throw new Error(`${copies} of ${replicas} replicas have it`)
    return answer
  }
}
