import type { Deliverer, DeliveryOrder } from '../../deliver/contract.ts'
import { collect } from '../../deliver/rewrite/collect.ts'
import { refuse, type Refusal } from '../../policy/refusal.ts'
import type { Recognizer } from '../../request/formats/contract.ts'

/** Looks into a storage for what a page has to know. */
export interface StorageView {
  readonly exists: (path: string) => Promise<boolean | Refusal>
  /** Refuses what has more than some hundred kilobytes. */
  readonly read: (path: string) => Promise<Buffer | Refusal>
}

/** A `Release` with the checksums of many architectures has 200 KB. */
const MOST_BYTES = 1024 * 1024

/** Asks in the gate's own name: what is found does not go to the client as it is. */
export function viewStorage(
  deliverer: Deliverer,
  recognize: Recognizer,
  onGone: DeliveryOrder['onGone'],
): StorageView {
  const open = async (method: DeliveryOrder['method'], path: string) =>
    deliverer.open({ method, artifact: recognize(path), ...PLAIN, onGone })
  return {
    exists: async (path) => {
      const opened = await open('HEAD', path)
      if (opened.ok) return opened.status === 200
      return opened.code === 'not_found' ? false : opened
    },
    read: async (path) => {
      const opened = await open('GET', path)
      if (!opened.ok) return opened
      if (opened.body === null || opened.status !== 200) {
        opened.body?.discard()
        return refuse('not_found')
      }
      return collect(opened.body, MOST_BYTES).then(
        (content) => content ?? refuse('upstream_failed'),
        () => refuse('upstream_failed'),
      )
    },
  }
}

const PLAIN = {
  query: '',
  headers: { 'accept-encoding': 'identity' },
  baseUrl: '',
  openUrl: () => '',
  includes: undefined,
  includesAllVersions: () => true,
  mayBeSentTo: () => false,
} as const satisfies Partial<DeliveryOrder>
