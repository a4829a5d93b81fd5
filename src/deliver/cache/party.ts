import type { DeliveryOrder } from '../contract.ts'

/** Clients that wait for one answer of the storage. It is wanted as long as one of them is there. */
export interface Party {
  /** Adds a client. What it gives back takes the client away again, once. */
  readonly join: (onGone: DeliveryOrder['onGone']) => () => void
  /** Calls back when all have left, at once if so already. Nobody joins after that. */
  readonly onGone: DeliveryOrder['onGone']
  readonly size: () => number
}

export function createParty(): Party {
  const listeners: (() => void)[] = []
  let members = 0
  let isOver = false
  const end = (): void => {
    isOver = true
    for (const listener of listeners) listener()
  }
  return {
    join: (onGone) => {
      let isHere = true
      members += 1
      const leave = (): void => {
        if (!isHere) return
        isHere = false
        members -= 1
        if (members === 0) end()
      }
      onGone(leave)
      return leave
    },
    onGone: (listener) => {
      if (isOver) listener()
      else listeners.push(listener)
    },
    size: () => members,
  }
}
