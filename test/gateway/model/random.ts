/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** A whole number from 0, below `count`. */
  readonly below: (count: number) => number
  /** From `least` to `most`, both included. */
  readonly between: (least: number, most: number) => number
  readonly isOneIn: (count: number) => boolean
  readonly pick: <Item>(items: readonly Item[]) => Item
}

/** mulberry32: 32 bits of state, good enough to mix tests with. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (count: number): number => next() % count
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    isOneIn: (count) => below(count) === 0,
    pick: <Item>(items: readonly Item[]) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
  }
}
