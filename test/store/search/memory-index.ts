import { factsOf } from '../../../src/policy/search/facts.ts'
import { compareEntries } from '../../../src/store/search/compare.ts'
import type { Known, Part, SearchIndex } from '../../../src/store/search/contract.ts'
import { nameOfSet, placesOf, type Entry } from '../../../src/store/search/sets.ts'
import type { StoredToken } from '../../../src/store/contract.ts'
import { slotsOfToken } from '../../../src/store/search/slots.ts'
import { slotsOfName } from '../../../src/store/search/trigrams.ts'
import type { Used } from './model.ts'

/** What a search reads, made of arrays. `knowsPairs` false: no token has the bits of its metadata. */
export function createMemoryIndex(all: readonly Used[], knowsPairs: boolean = true): SearchIndex {
  const sets = new Map<string, Entry[]>()
  for (const { token, usage } of all) {
    for (const { set, value } of placesOf(token, factsOf(token), usage)) {
      const entries = sets.get(nameOfSet(set)) ?? []
      sets.set(nameOfSet(set), [...entries, { value, id: token.slugPerm }])
    }
  }
  for (const entries of sets.values()) entries.sort(compareEntries)
  const within = ({ set, least = -Infinity, most = Infinity, text }: Part): readonly Entry[] =>
    (sets.get(nameOfSet(set)) ?? []).filter(({ value }) =>
      typeof value === 'string' ? text === undefined || value === text : value >= least && value <= most,
    )
  const slotsOf = ({ name, metadata }: StoredToken): ReadonlySet<number> =>
    knowsPairs ? slotsOfToken({ name, metadata }) : slotsOfName(name)
  const byId = new Map(all.map((used) => [used.token.slugPerm, used]))
  return {
    knowsPairs: async () => knowsPairs,
    count: async (parts) => parts.map((part) => within(part).length),
    read: async (part, position, size, descending) => {
      const entries = within(part)
      return (descending ? entries.toReversed() : entries).slice(position, position + size)
    },
    page: async (part, position, size, descending) => {
      const entries = within(part)
      const ordered = descending ? entries.toReversed() : entries
      const ids = ordered.slice(position, position + size).map(({ id }) => id)
      return { total: entries.length, tokens: ids.flatMap((id) => byId.get(id)?.token ?? []) }
    },
    facts: async (ids) =>
      ids.map((id) => {
        const used = byId.get(id)
        return used && toKnown(used)
      }),
    holders: async (set, value, ids) => {
      const entries = within({ set, text: value })
      return new Set(ids.filter((id) => entries.some((entry) => entry.id === id)))
    },
    tokens: async (ids) => ids.map((id) => byId.get(id)?.token),
    bits: async (slots) =>
      slots.map((slot) => {
        const bits = new Uint8Array(Math.ceil(all.length / 8))
        all.forEach(({ token }, at) => {
          if (slotsOf(token).has(slot)) bits[at >> 3] = (bits[at >> 3] ?? 0) | (0x80 >> (at & 7))
        })
        return bits
      }),
    factsOf: async (numbers) =>
      numbers.flatMap((number) => (all[number] === undefined ? [] : [toKnown(all[number])])),
  }
}

function toKnown({ token, usage }: Used): Known {
  return { facts: factsOf(token), usage }
}
