import { request, type Agent, type IncomingMessage } from 'node:http'
import { REPOSITORY } from '../pair.ts'
import { contentOf, tagOf, type Artifact } from './artifacts.ts'
import type { Random } from './random.ts'
import type { Fault, FaultyStorage } from './storage.ts'

/** Bytes of a file, half-open, and how they are asked for. */
export interface Range {
  readonly start: number
  readonly end: number
  readonly header: string
}

/** When a customer leaves. */
type Leave =
  /** As soon as the request is on its way. */
  | 'at once'
  /** When the storage was asked. */
  | 'before the answer'
  /** Behind so many bytes of the body. */
  | number

/** What a customer asks for. */
export interface Ask {
  /** Position among the tokens. */
  readonly token: number
  readonly client: number
  readonly artifact: Artifact
  readonly method?: 'HEAD'
  readonly range?: Range
  /** Has the file already. */
  readonly isCached?: true
  readonly fault?: Fault
  readonly leave?: Leave
  /** What is done before leaving. */
  readonly linger?: () => Promise<unknown>
}

/** What the customer saw. */
export interface Seen extends Ask {
  readonly id: number
  /** undefined: no answer began. */
  readonly status: number | undefined
  readonly code: string | undefined
  /** Bytes of the body. */
  readonly received: number
  readonly isWhole: boolean
  readonly hasLeft: boolean
  /** What should not have happened. */
  readonly complaint: string | undefined
}

function agentOf(id: number): string {
  return `model ${id}`
}

/** As it stands in the log: every third client has a network of IPv6, and counts as that. */
export function addressOf(client: number): string {
  return client % 3 === 0 ? `2001:db8:0:${(client + 1).toString(16)}::/64` : `198.51.100.${client}`
}

/** The address as some proxy might write it. */
function forwardedOf(client: number, random: Random): string {
  const address = addressOf(client)
  if (client % 3 === 0) return address.replace('::/64', `:${random.below(9) + 1}::${random.below(9) + 1}`)
  return random.isOneIn(2) ? address : `::ffff:${address}`
}

/** The path as some client might write it. */
function spell(path: string, random: Random): string {
  const encoded = path.replaceAll('+', random.isOneIn(2) ? '%2B' : '+')
  return random.pick([encoded, encoded, `./${encoded}`, `${encoded}?v=${random.below(9)}`])
}

export interface CustomerOptions {
  /** Data paths of the hosts. */
  readonly urls: readonly string[]
  readonly secrets: readonly string[]
  readonly storage: FaultyStorage
  readonly agent: Agent
}

/** Asks once, of any of the hosts. Never rejects. */
export async function askOnce(
  { urls, secrets, storage, agent }: CustomerOptions,
  ask: Ask,
  id: number,
  random: Random,
): Promise<Seen> {
  const { artifact, method = 'GET', range, isCached, fault, leave, linger } = ask
  if (fault !== undefined) storage.expect(agentOf(id), fault)
  const url = new URL(random.pick(urls))
  const path = `/${secrets[ask.token]}/${REPOSITORY}/${spell(artifact.path, random)}`
  const headers = {
    'user-agent': agentOf(id),
    'x-forwarded-for': forwardedOf(ask.client, random),
    ...(range && { range: range.header, ...(random.isOneIn(3) && { 'if-range': tagOf(artifact) }) }),
    ...(isCached && { 'if-none-match': tagOf(artifact) }),
  }
  const sent = request({ host: url.hostname, port: url.port, path, method, headers, agent })
  const reading = createReading(ask)
  const { promise, resolve } = Promise.withResolvers<void>()
  let hasLeft = false
  const go = (): void => {
    hasLeft = true
    sent.destroy()
  }
  const leaveSoon = (): void => {
    if (hasLeft) return
    hasLeft = true
    void (linger?.() ?? Promise.resolve()).then(() => sent.destroy())
  }
  sent.once('response', (response) => {
    response.on('data', (chunk: Buffer) => {
      reading.take(chunk, response)
      if (typeof leave === 'number' && isFile(response) && reading.bytes() >= leave) leaveSoon()
    })
    response.on('error', () => undefined)
    response.once('close', resolve)
    reading.begin(response)
  })
  sent.on('error', (error) => {
    // A storage that breaks off at once leaves nothing to answer.
    if (!hasLeft && fault?.kind !== 'break') reading.complain(`no answer: ${error.message}`)
    resolve()
  })
  if (leave === 'at once') sent.end(go)
  else sent.end()
  if (leave === 'before the answer') void storage.asked(agentOf(id)).then(go)
  await promise
  storage.release(agentOf(id))
  return { ...ask, id, hasLeft, ...reading.result() }
}

function isFile({ statusCode }: IncomingMessage): boolean {
  return statusCode === 200 || statusCode === 206
}

/** Compares what comes with what the file holds. */
function createReading({ artifact, range }: Ask) {
  const content = contentOf(artifact)
  let answer: IncomingMessage | undefined
  let received = 0
  let complaint: string | undefined
  return {
    begin: (response: IncomingMessage): void => {
      answer = response
    },
    take: (chunk: Buffer, response: IncomingMessage): void => {
      const start = (response.statusCode === 206 ? (range?.start ?? 0) : 0) + received
      if (isFile(response) && !chunk.equals(content.subarray(start, start + chunk.length)))
        complaint = `wrong bytes from ${start} on`
      received += chunk.length
    },
    bytes: (): number => received,
    complain: (what: string): void => {
      complaint ??= what
    },
    result: () => {
      const code = answer?.headers['x-error-code']
      return {
        status: answer?.statusCode,
        code: typeof code === 'string' ? code : undefined,
        received,
        isWhole: answer?.complete === true,
        complaint,
      }
    },
  }
}
