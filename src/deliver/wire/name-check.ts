import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { Ticks } from './ticks.ts'

export interface NameCheckOptions {
  /** A name or an address, without brackets. */
  readonly hostname: string
  /** Default: the system's. */
  readonly lookup: LookupFunction | undefined
  /** How long what a name means is believed. */
  readonly resolveMs: number
  readonly ticks: Pick<Ticks, 'now' | 'count'>
}

/** To be called with every tick. What it is given is called back with, when it is known which addresses the name has now. */
export type NameCheck = <Asked>(
  asked: () => Asked,
  onAddresses: (addresses: ReadonlySet<string>, asked: Asked) => void,
) => void

/**
 * Asks now and then what a name means by now. `asked` is taken when the question is put: what was connected later went by a newer answer. Of a
 * question that fails nobody hears: a resolver that is down says nothing about the storage. An address in place of a name is never asked about.
 */
export function createNameCheck({
  hostname,
  lookup = systemLookup,
  resolveMs,
  ticks,
}: NameCheckOptions): NameCheck {
  if (isIP(hostname) !== 0) return () => undefined
  const every = ticks.count(resolveMs)
  let due = ticks.now() + every
  return (asked, onAddresses) => {
    if (ticks.now() < due) return
    due = Infinity
    const given = asked()
    lookup(hostname, { all: true }, (error, found) => {
      due = ticks.now() + every
      if (error !== null || typeof found === 'string' || found.length === 0) return
      onAddresses(new Set(found.map(({ address }) => withoutZone(address))), given)
    })
  }
}

/** The address of an interface's own network may or may not name the interface. */
export function withoutZone(address: string): string {
  return address.replace(/%.*$/, '')
}
