import type { DeliveryOrder } from './contract.ts'
import { FORMAT_DELIVERIES } from './formats.ts'

/** True for what is chosen in the storage by nothing but its path: no directory, no document that is one of several, no search. */
export function isPlainFile({ artifact, query }: Pick<DeliveryOrder, 'artifact' | 'query'>): boolean {
  if (query !== '' || artifact.filename === '') return false
  const { negotiates, folderDocument } = FORMAT_DELIVERIES[artifact.format]
  return artifact.kind !== 'metadata' || (negotiates !== true && folderDocument === undefined)
}
