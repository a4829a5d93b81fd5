import { fresh, index, popular, untold, type Artifact } from './artifacts.ts'
import type { Ask, Range, Seen } from './customer.ts'
import type { Random } from './random.ts'

/** Who does something, and by what chance. */
export interface Teller {
  readonly token: number
  readonly client: number
  /** Names what nobody else asks for. */
  readonly name: string
  readonly random: Random
  readonly ask: (ask: Omit<Ask, 'token' | 'client'>) => Promise<Seen>
}

/**
 * What a customer does, one thing after the other. Only whole deliveries that nothing disturbs are of files that others ask for as well;
 * what such a story costs does not depend on who comes first. No download of any other one sends twice the size of its file.
 */
type Story = (teller: Teller) => Promise<unknown>

const SIZES = [900, 1_024, 5_000, 20_000, 65_536, 70_000]
const LARGE = [300_000, 600_000]

const POPULAR: readonly Artifact[] = [0, 1, ...SIZES, ...SIZES].map((size, at) => popular(`f+${at}`, size))
const INDEXES: readonly Artifact[] = [3_000, 20_000, 60_000].map((size) => index(`main+${size}`, size))
const MISSING: Artifact = { path: 'missing.bin', size: 0, isTold: true, isPackage: true }

function part(start: number, end: number): Range {
  return { start, end, header: `bytes=${start}-${end - 1}` }
}

function rest(start: number, { size }: Artifact): Range {
  return { start, end: size, header: `bytes=${start}-` }
}

function suffix(length: number, { size }: Artifact): Range {
  return { start: size - length, end: size, header: `bytes=-${length}` }
}

/** Mostly small. */
function newFile({ name, random }: Teller): Artifact {
  return fresh(name, random.isOneIn(80) ? random.pick(LARGE) : random.pick(SIZES))
}

/** Gets a part of a file, not all of it; gives how many bytes arrived. */
async function cut({ ask, random }: Teller, artifact: Artifact): Promise<number> {
  const after = random.between(1, artifact.size - 1)
  if (random.isOneIn(3)) return (await ask({ artifact, fault: { kind: 'break', after } })).received
  return (await ask({ artifact, fault: { kind: 'stall', after }, leave: after })).received
}

/** Each with how often it is told. */
const STORIES: readonly (readonly [number, Story])[] = [
  [40, ({ ask, random }) => ask({ artifact: random.pick(POPULAR) })],
  [8, (teller) => teller.ask({ artifact: newFile(teller) })],
  [6, resumed],
  [6, restarted],
  [4, leftAnytime],
  [3, silentStorage],
  [5, split],
  [5, probed],
  [4, outOfOrder],
  [3, twiceAtOnce],
  [1, ofUntoldLength],
  [20, ({ ask, random }) => ask({ artifact: random.pick(INDEXES) })],
  [8, free],
]

/** The story after `count` tickets. */
export function storyAt(ticket: number): Story {
  let left = ticket
  for (const [weight, story] of STORIES) {
    left -= weight
    if (left < 0) return story
  }
  throw new Error('there are not so many tickets')
}

export const TICKETS: number = STORIES.reduce((sum, [weight]) => sum + weight, 0)

async function resumed(teller: Teller): Promise<void> {
  const artifact = newFile(teller)
  const received = await cut(teller, artifact)
  await teller.ask({ artifact, range: rest(received, artifact) })
  if (teller.random.isOneIn(4)) await teller.ask({ artifact })
}

async function restarted(teller: Teller): Promise<void> {
  const artifact = newFile(teller)
  await cut(teller, artifact)
  await teller.ask({ artifact })
}

/** Nobody outside knows how much was on its way. */
async function leftAnytime(teller: Teller): Promise<void> {
  const artifact = newFile(teller)
  const leave = teller.random.isOneIn(2) ? 'at once' : teller.random.between(1, artifact.size - 1)
  await teller.ask({ artifact, leave })
  if (teller.random.isOneIn(2)) await teller.ask({ artifact })
}

async function silentStorage(teller: Teller): Promise<void> {
  const artifact = newFile(teller)
  await teller.ask({ artifact, fault: { kind: 'silent' }, leave: 'before the answer' })
  if (teller.random.isOneIn(2)) await teller.ask({ artifact })
}

/** In two to four parts at once, each too large for a probe. */
async function split(teller: Teller): Promise<void> {
  const artifact = newFile(teller)
  const count = teller.random.between(2, 4)
  const edges = Array.from({ length: count + 1 }, (_, at) => Math.floor((artifact.size * at) / count))
  const parts = edges.slice(1).map((end, at) => part(edges[at] ?? 0, end))
  await Promise.all(parts.map((range) => teller.ask({ artifact, range })))
  if (teller.random.isOneIn(3)) await teller.ask({ artifact })
}

async function probed(teller: Teller): Promise<void> {
  const artifact = newFile(teller)
  const most = Math.min(131_072, Math.floor(artifact.size / 8))
  const half = Math.floor(most / 2)
  await teller.ask({ artifact, range: suffix(half, artifact) })
  if (teller.random.isOneIn(2)) await teller.ask({ artifact, range: part(0, half) })
  if (teller.random.isOneIn(2)) await teller.ask({ artifact })
}

async function outOfOrder(teller: Teller): Promise<void> {
  const artifact = newFile(teller)
  const status = teller.random.pick([500, 502, 503, 429, 401])
  await teller.ask({ artifact, fault: { kind: 'status', status } })
  if (teller.random.isOneIn(2)) await teller.ask({ artifact })
}

/** Two copies, of which the first is cut when the second has come. */
async function twiceAtOnce(teller: Teller): Promise<void> {
  const artifact = newFile(teller)
  const after = teller.random.between(1, artifact.size - 1)
  const linger = (): Promise<unknown> => teller.ask({ artifact })
  await teller.ask({ artifact, fault: { kind: 'stall', after }, leave: after, linger })
}

/** Nothing can be resumed: whatever came is a copy. */
async function ofUntoldLength(teller: Teller): Promise<void> {
  const artifact = untold(teller.name, teller.random.pick(SIZES))
  const after = teller.random.between(1, artifact.size - 1)
  await teller.ask({ artifact, fault: { kind: 'stall', after }, leave: after })
  await teller.ask({ artifact })
}

async function free(teller: Teller): Promise<void> {
  const { ask, random } = teller
  const artifact = random.pick(POPULAR)
  const way = random.below(4)
  if (way === 0) await ask({ artifact, method: 'HEAD' })
  else if (way === 1) await ask({ artifact, isCached: true })
  else if (way === 2) await ask({ artifact: MISSING })
  else await ask({ artifact, range: rest(artifact.size, artifact) })
}
