import type { TokenStore } from '../contract.ts'
import type { Client } from './connection.ts'

/** News of changed tokens. */
export interface ChangeFeed {
  readonly watch: TokenStore['watch']
  /** Tells the listeners of a change of this process, whose number the server gave. */
  readonly tellOwn: (number: number, digests: readonly string[]) => void
  readonly start: () => Promise<void>
  readonly stop: () => void
}

export interface ChangeFeedOptions {
  readonly subscriber: Client
  readonly channel: string
  /** Names this process in what it publishes. */
  readonly processId: string
  /** Reads the number of the last change. */
  readonly readLatest: () => Promise<number>
  /** Makes the subscription anew: it stands, and nothing comes. */
  readonly renew: () => void
}

/** How often the number of the last change is read, as a net below the subscription. */
const POLL_MS = 1_000
/** How long a message may be on its way behind the number that tells of it. */
const LATE_MS = 250

/**
 * Follows the changes that all processes publish. They are numbered, and the last number is read each second too: a gap that does not
 * close, a number that went back, or a connection that was made anew means that something may have been missed.
 */
export function createChangeFeed(options: ChangeFeedOptions): ChangeFeed {
  const { subscriber, channel, processId, readLatest, renew } = options
  const listeners = new Set<(digest: string | undefined) => void>()
  const numbers = createSequence()
  let timer: NodeJS.Timeout | undefined
  let lateTimer: NodeJS.Timeout | undefined

  const tell = (digest: string | undefined): void => listeners.forEach((listener) => listener(digest))
  const missed = (latest: number): void => {
    numbers.restart(latest)
    tell(undefined)
  }
  const hear = (heard: string, message: string): void => {
    if (heard !== channel) return
    const [number = '', writer, ...news] = message.split(' ')
    numbers.add(Number(number))
    if (writer !== processId) parseDigests(news.join(' ')).forEach(tell)
  }
  const poll = async (): Promise<void> => {
    const latest = await readLatest()
    if (latest < numbers.complete()) return missed(latest)
    if (latest === numbers.complete()) return
    clearTimeout(lateTimer)
    lateTimer = setTimeout(() => {
      if (numbers.complete() >= latest) return
      missed(latest)
      renew()
    }, LATE_MS).unref()
  }
  // What was published while there was no subscription is lost.
  const renewed = (): void =>
    void subscriber
      .subscribe(channel)
      .then(readLatest)
      .then(missed, () => tell(undefined))
  return {
    watch: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tellOwn: (number, digests) => {
      digests.forEach(tell)
      numbers.add(number)
    },
    start: async () => {
      subscriber.on('message', hear)
      await subscriber.subscribe(channel)
      numbers.restart(await readLatest())
      subscriber.on('ready', renewed)
      timer = setInterval(() => void poll().catch(() => undefined), POLL_MS).unref()
    },
    stop: () => {
      clearInterval(timer)
      clearTimeout(lateTimer)
      subscriber.off('message', hear)
      subscriber.off('ready', renewed)
    },
  }
}

/** undefined: not a message of ours, so anything may have changed. */
function parseDigests(text: string): readonly (string | undefined)[] {
  try {
    const digests: unknown = JSON.parse(text)
    if (Array.isArray(digests)) return digests.map(String)
  } catch {
    // Told below.
  }
  return [undefined]
}

/** Numbers that come in any order. */
function createSequence() {
  let complete = 0
  let ahead = new Set<number>()
  const advance = (): void => {
    while (ahead.delete(complete + 1)) complete++
  }
  return {
    /** All up to this one have come. */
    complete: () => complete,
    add: (number: number): void => {
      if (number > complete) ahead.add(number)
      advance()
    },
    restart: (latest: number): void => {
      complete = latest
      ahead = new Set([...ahead].filter((number) => number > latest))
      advance()
    },
  }
}
