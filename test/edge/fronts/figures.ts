import { join } from 'node:path'
import { createApt } from '../../support/apt.ts'
import type { GateToken } from '../../support/gate.ts'
import { createNpm } from '../../support/npm.ts'
import type { Storage } from '../../support/repositories.ts'
import { get, type Answer } from '../../support/requests.ts'
import { HOST_OF_STABLE, JS, STABLE, type RunningFront } from './front.ts'

const FAR = {
  limit_num_downloads: 1_000,
  limit_num_clients: 10,
  limit_bandwidth: 1_000_000_000,
  limit_bandwidth_unit: 'Byte',
} as const
const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString()

export const PLAIN_DEMO = 'pool/main/p/plain-demo/plain-demo_1.0_all.deb'
const PLUS_DEMO = 'pool/main/lib+/lib++-demo/lib++-demo_1.5~rc1+git-1_all.deb'
export const LARGE_DEMO = 'pool/main/l/large-demo/large-demo_1.0_all.deb'

/** What was charged to a token. */
export interface Counters {
  readonly downloads: number
  readonly clients: number
  readonly bandwidth: number
}

export async function countersOf(
  { gate }: Pick<RunningFront, 'gate'>,
  repository: string,
  { slug_perm }: GateToken,
): Promise<Counters> {
  const { downloads, clients, bandwidth } = await gate.readToken(repository, slug_perm)
  return { downloads, clients, bandwidth: Number(bandwidth) }
}

/** apt-get reads the indexes and installs two packages. */
export async function installByApt(front: RunningFront, storage: Storage): Promise<GateToken> {
  const token = await front.gate.createToken(STABLE, FAR)
  const source = `${front.url}/${token.token}/${STABLE} stable main`
  await using apt = await createApt({
    source,
    key: join(storage.root, 'debian/key.asc'),
    authority: front.authority,
  })
  for (const done of [await apt.update(), await apt.install('hello-postern', 'lib++-demo')])
    if (done.code !== 0) throw new Error(done.output)
  // Unchanged by now.
  const again = await apt.update()
  if (again.code !== 0 || !/^Hit:/m.test(again.output)) throw new Error(again.output)
  return token
}

/** npm reads documents and installs two packages. */
export async function installByNpm(front: RunningFront): Promise<GateToken> {
  const token = await front.gate.createToken(JS, FAR)
  await using npm = await createNpm({
    registry: `${front.url}/${token.token}/${JS}/`,
    authority: front.authority,
  })
  const { code, output } = await npm.run('install', '@acme/widget', 'plain-demo')
  if (code !== 0) throw new Error(output)
  return token
}

/** What a person with curl sees of each kind of request, as far as it does not depend on the front, and the token that was charged. */
export async function lookAround(front: RunningFront): Promise<{
  readonly seen: Readonly<Record<string, unknown>>
  readonly token: GateToken
}> {
  const token = await front.gate.createToken(STABLE, { ...FAR, limit_num_downloads: 2 })
  const [expired, narrow] = [
    await front.gate.createToken(STABLE, { limit_date_range_to: YESTERDAY }),
    await front.gate.createToken(STABLE, { limit_packages: ['plain-demo'] }),
  ]
  const url = front.look
  const ask = (secret: string, path: string, headers: Headers = {}): Promise<Answer> =>
    follow(`${url}/${secret}/${STABLE}/${path}`, headers)
  const seen: Record<string, unknown> = {}
  seen['a package'] = shown(await ask(token.token, PLAIN_DEMO))
  seen['its end'] = shown(await ask(token.token, PLAIN_DEMO, { Range: 'bytes=-10' }))
  seen['another package, with %2b for +'] = shown(await ask(token.token, PLUS_DEMO.replaceAll('+', '%2b')))
  seen['one too many'] = shown(await ask(token.token, LARGE_DEMO))
  seen['the end of it'] = shown(await ask(token.token, LARGE_DEMO, { Range: 'bytes=-10' }))
  seen['an index'] = (await ask(token.token, 'dists/stable/InRelease')).status
  seen['no file'] = shown(await ask(token.token, 'pool/none_1.0_all.deb'))
  seen['a folder'] = shown(await ask(token.token, 'pool/'))
  seen['an encoded slash'] = shown(await ask(token.token, PLAIN_DEMO.replace('/main/', '%2fmain/')))
  seen['a climb'] = shown(await ask(token.token, 'pool/%2e%2e/%2e%2e/npm/plain-demo/index.json'))
  seen['double dots'] = shown(await ask(token.token, `pool/x/..%2f..%2f${PLAIN_DEMO}`))
  seen['twice encoded'] = shown(await ask(token.token, PLAIN_DEMO.replace('/main/', '%252fmain/')))
  seen['an unknown secret'] = shown(await ask('nobody-has-this-secret', PLAIN_DEMO))
  seen['an expired token'] = shown(await ask(expired.token, PLAIN_DEMO))
  seen['out of scope'] = shown(await ask(narrow.token, PLUS_DEMO))
  seen['in scope'] = shown(await ask(narrow.token, PLAIN_DEMO))
  const host = HOST_OF_STABLE.toUpperCase()
  seen['by a name of its own'] = shown(
    await follow(`${url}/${narrow.token}/${PLAIN_DEMO}`, {}, { Host: host }),
  )
  seen['no credential'] = shown(await get(`${url}/basic/${STABLE}/${PLAIN_DEMO}`))
  seen['another method'] = shown(await get(`${url}/x/${STABLE}/${PLAIN_DEMO}`, { method: 'DELETE' }))
  seen['HEAD'] = (await get(`${url}/${token.token}/${STABLE}/${PLAIN_DEMO}`, { method: 'HEAD' })).status
  return { seen, token }
}

type Headers = Readonly<Record<string, string>>

/** As curl does with `--location`; `own` stays with the first one that is asked. */
async function follow(url: string, headers: Headers, own: Headers = {}): Promise<Answer> {
  const answer = await get(url, { headers: { ...headers, ...own } })
  const { location } = answer.headers
  return answer.status === 302 && typeof location === 'string' ? get(location, { headers }) : answer
}

function shown({ status, headers, body }: Answer): Readonly<Record<string, unknown>> {
  const isFile = status === 200 || status === 206
  const code = headers['x-error-code']
  const challenge = headers['www-authenticate']
  return isFile
    ? { status, bytes: body.length, range: headers['content-range'] }
    : { status, code, challenge, text: body.toString() }
}
