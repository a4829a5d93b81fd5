import type { AccountCopy, ClientCopy } from '../contract/archive.ts'
import type { Opened } from './archive-open.ts'
import { inGroups } from '../slices.ts'

/** Clients of one call. */
const CLIENTS_AT_ONCE = 1_000
const UNKNOWN_SIZE = -1

/** Puts accounts in the place of what there is; those with very many clients in several steps. `clock` in epoch ms. */
export function createAccountPut(
  { scripts, keys }: Opened,
  clock: () => number,
): (account: AccountCopy) => Promise<void> {
  return async ({ token, usage, clients, ledgers }) => {
    const own = [keys.usage(token), keys.clients(token)]
    const [first = [], ...more] = inGroups(clients, CLIENTS_AT_ONCE)
    const ledgerKeys = ledgers.map(({ client, artifact }) => keys.ledger(token, client, artifact))
    const head = (isFirst: boolean): (string | number)[] => {
      const { epoch, downloads, bytes, lastUsedAt, resetAt, busyUntilUs } = usage
      const counts = [
        epoch,
        downloads,
        usage.clients,
        bytes,
        lastUsedAt ?? '',
        resetAt ?? '',
        busyUntilUs ?? '',
      ]
      return [isFirst ? 1 : '', clock(), ...counts]
    }
    await scripts.putAccount(
      [...own, ...ledgerKeys],
      [...head(true), ...clientValues(first), ...ledgers.flatMap(ledgerValues)],
    )
    for (const some of more) await scripts.putAccount(own, [...head(false), ...clientValues(some)])
  }
}

function clientValues(clients: readonly ClientCopy[]): (string | number)[] {
  const values = clients.flatMap(({ client, downloads, lastAt, isCounted, firstAt }) => [
    client,
    downloads,
    lastAt,
    isCounted ? 1 : '',
    firstAt ?? '',
  ])
  return [clients.length, ...values]
}

function ledgerValues({ ledger }: AccountCopy['ledgers'][number]): (string | number)[] {
  const { openedAt, size, charges, sent, probeDay, probeBytes, covered } = ledger
  return [openedAt, size ?? UNKNOWN_SIZE, charges, sent, probeDay, probeBytes, JSON.stringify(covered)]
}
