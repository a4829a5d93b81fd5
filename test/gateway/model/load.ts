import { Agent } from 'node:http'
import { popular } from './artifacts.ts'
import { askOnce, type Ask, type Seen } from './customer.ts'
import { createRandom, type Random } from './random.ts'
import type { FaultyStorage } from './storage.ts'
import { storyAt, TICKETS, type Teller } from './stories.ts'
import type { ModelToken } from './tokens.ts'
import type { Tally } from './watch.ts'

export interface LoadOptions {
  readonly urls: readonly string[]
  readonly tokens: readonly ModelToken[]
  readonly tallies: readonly Tally[]
  readonly storage: FaultyStorage
  readonly seed: number
  /** No story begins after so many requests. */
  readonly requests: number
  /** Stories that are told at once. */
  readonly parallel: number
}

const CLIENTS = 60

/** Tells stories, many at once; resolves to all that was seen, in the order in which it was asked for. */
export async function runLoad(options: LoadOptions): Promise<readonly Seen[]> {
  const { urls, tokens, tallies, storage, seed, requests, parallel } = options
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * parallel })
  const customer = { urls, storage, agent, secrets: tokens.map(({ secret }) => secret) }
  const all: Promise<Seen>[] = []
  let stories = 0
  const ask = async (wanted: Ask, random: Random): Promise<Seen> => {
    const tally = tallies[wanted.token]
    if (tally === undefined) throw new Error(`there is no token ${wanted.token}`)
    tally.asked++
    const asked = askOnce(customer, wanted, all.length, random)
    all.push(asked)
    const seen = await asked
    count(tally, seen)
    return seen
  }
  const tell = async (story: number): Promise<void> => {
    const random = createRandom(seed + story)
    const [token, client] = [random.below(tokens.length), 1 + random.below(CLIENTS)]
    const teller = { token, client, random, name: `s${story}` }
    const telling = {
      ...teller,
      ask: (each: Omit<Ask, 'token' | 'client'>) => ask({ token, client, ...each }, random),
    }
    await (tokens[token]?.isCrowd === true ? mill(telling) : storyAt(random.below(TICKETS))(telling))
  }
  const row = async (): Promise<void> => {
    while (all.length < requests) await tell(++stories)
  }
  await Promise.all(Array.from({ length: parallel }, row))
  agent.destroy()
  return Promise.all(all)
}

function count(tally: Tally, { status, received, isWhole, artifact, method }: Seen): void {
  if (status !== 200 && status !== 206) return
  tally.bytes += received
  if (status === 200 && isWhole && artifact.isPackage && received > 0 && method === undefined) tally.copies++
}

/** One of a crowd: fetches what the others fetch, and may leave at any moment. */
async function mill({ ask, random }: Teller): Promise<void> {
  const artifact = popular(`crowd-${random.below(3)}`, random.pick([20_000, 70_000, 600_000]))
  if (random.isOneIn(2)) await ask({ artifact })
  else if (random.isOneIn(4)) await ask({ artifact, leave: 'at once' })
  else await ask({ artifact, leave: random.between(1, artifact.size - 1) })
}
