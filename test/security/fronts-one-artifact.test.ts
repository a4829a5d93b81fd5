import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROXIES } from '../edge/fronts/fronts.ts'
import { plain } from '../edge/fronts/plain.ts'
import { STABLE, type RunningFront } from '../edge/fronts/front.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, type Answer } from '../support/requests.ts'

/** Below the repository; each file holds its own name. */
const FILES = [
  'odd/plain_1.0_all.deb',
  'odd/a+b_1.0_all.deb',
  'odd/a b_1.0_all.deb',
  'odd/a%20b_1.0_all.deb',
  'odd/a%2Bb_1.0_all.deb',
  'odd/a?b_1.0_all.deb',
  'odd/a',
  'odd/100%_1.0_all.deb',
  'odd/ü_1.0_all.deb',
  'odd/$1_1.0_all.deb',
  'odd/{http.request.host}_1.0_all.deb',
  'odd/..x_1.0_all.deb',
  'odd/x.._1.0_all.deb',
  'odd/end ',
  'odd/end',
  'odd/sub/closed_1.0_all.deb',
  'closed_1.0_all.deb',
  // Stands in headers of the proxies, encoded, more than once.
  `odd/${`${'ü'.repeat(60)}/`.repeat(8)}long_1.0_all.deb`,
] as const

/** Targets below the repository that some reader of paths takes for another file. */
const SPELLINGS = [
  'odd/sub%2fclosed_1.0_all.deb',
  'odd%2fsub%2Fclosed_1.0_all.deb',
  'odd/sub%252fclosed_1.0_all.deb',
  'odd/plain_1.0_all.deb/..%2f..%2fclosed_1.0_all.deb',
  'odd/plain_1.0_all.deb/../../closed_1.0_all.deb',
  'odd/%2e%2e/closed_1.0_all.deb',
  'odd/%252e%252e/closed_1.0_all.deb',
  'odd/.%2e/closed_1.0_all.deb',
  'odd/..;/closed_1.0_all.deb',
  'odd/..%5cclosed_1.0_all.deb',
  'odd//plain_1.0_all.deb',
  'odd/./plain_1.0_all.deb',
  '/odd/plain_1.0_all.deb',
  'odd/plain_1.0_all.deb%00.asc',
  'odd/plain_1.0_all.deb%0d%0aX-Accel-Redirect:%20/closed_1.0_all.deb',
  'odd/plain_1.0_all.deb?/../../closed_1.0_all.deb',
  'odd/plain_1.0_all.deb%3f/../../closed_1.0_all.deb',
  'odd/plain_1.0_all.deb%23x',
  'odd/a%2Bb_1.0_all.deb',
  'odd/a%252Bb_1.0_all.deb',
  'odd/a+b_1.0_all.deb',
  'odd/a%20b_1.0_all.deb',
  'odd/a%2520b_1.0_all.deb',
  'odd/a%3Fb_1.0_all.deb',
  'odd/a?b_1.0_all.deb',
  'odd/%C3%BC_1.0_all.deb',
  'odd/%FC_1.0_all.deb',
  'odd/$1_1.0_all.deb',
  'odd/%7Bhttp.request.host%7D_1.0_all.deb',
  'odd/100%25_1.0_all.deb',
  'odd/..x_1.0_all.deb',
  'odd/x.._1.0_all.deb',
  'odd/end%20',
  'odd/end',
  'odd/%61',
  '%6f%64%64/plain_1.0_all.deb',
] as const

let storage: Storage
let reference: ReadonlyMap<string, string>

beforeAll(async () => {
  storage = await startStorage('deb', 'npm')
  for (const file of FILES) {
    const path = join(storage.root, 'debian', file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, `this is ${file}`)
  }
  await using gate = await plain.start(storage)
  reference = await readAll(gate, gate.url)
}, 120_000)

afterAll(async () => {
  await storage?.[Symbol.asyncDispose]()
})

/** What is at each spelling: the content of a file, or why there is none. */
async function readAll({ gate }: RunningFront, url: string): Promise<ReadonlyMap<string, string>> {
  const { token } = await gate.createToken(STABLE)
  const found = new Map<string, string>()
  const all = [...FILES.map((file) => file.split('/').map(encodeURIComponent).join('/')), ...SPELLINGS]
  for (const path of all) found.set(path, whatIs(await get(`${url}/${token}/${STABLE}/${path}`)))
  return found
}

/** nginx refuses some by itself, before it asks anybody. */
function whatIs({ status, body }: Answer): string {
  if (status === 200) return body.toString()
  return status === 400 ? 'refused' : String(status)
}

test('the gate alone gives files by their names, and refuses what has two readings', () => {
  expect(reference.get('odd/a%2Bb_1.0_all.deb')).toBe('this is odd/a+b_1.0_all.deb')
  expect(reference.get('odd/a%3Fb_1.0_all.deb')).toBe('this is odd/a?b_1.0_all.deb')
  expect(reference.get('odd/sub%2fclosed_1.0_all.deb')).toBe('refused')
  expect(reference.get('odd/%252e%252e/closed_1.0_all.deb')).toBe('refused')
})

describe.each(PROXIES)('$name', ({ start }) => {
  let front: RunningFront

  beforeAll(async () => {
    front = await start(storage, { door: 'h2' })
  }, 120_000)

  afterAll(async () => {
    await front?.[Symbol.asyncDispose]()
  })

  /** HTTP/1.1 and HTTP/2, over the same TLS. */
  const urls = (): readonly string[] => [front.url, front.look]

  test('sends the file that was decided about, however it was spelt', async () => {
    for (const url of urls())
      expect(Object.fromEntries(await readAll(front, url))).toEqual(Object.fromEntries(reference))
  })

  test.each(['url', 'look'] as const)(
    'believes no header of a client about what was asked, from where, or what was decided (%s)',
    async (by) => {
      const url = front[by]
      const far = { limit_num_downloads: 100, limit_packages: ['plain'] }
      const [token, elsewhere] = [
        await front.gate.createToken(STABLE, far),
        await front.gate.createToken(STABLE, { limit_networks: ['192.0.2.0/24'] }),
      ]
      const headers = {
        'X-Original-URI': `/${token.token}/${STABLE}/odd/plain_1.0_all.deb`,
        'X-Original-Method': 'HEAD',
        'X-Original-Host': 'other',
        'X-Forwarded-Uri': `/${token.token}/${STABLE}/odd/plain_1.0_all.deb`,
        'X-Forwarded-Method': 'HEAD',
        'X-Forwarded-For': '192.0.2.7',
        'X-Real-IP': '192.0.2.7',
        'X-Postern-Serve': 'storage',
        'X-Postern-Repository': STABLE,
        'X-Postern-Path': 'closed_1.0_all.deb',
        'X-Postern-File': 'closed_1.0_all.deb',
        'X-Postern-Delivery': 'forged.id',
        'X-Accel-Redirect': '/postern-internal/acme/stable/closed_1.0_all.deb',
      }
      const ask = (secret: string, path: string) => get(`${url}/${secret}/${STABLE}/${path}`, { headers })
      expect((await ask(token.token, 'closed_1.0_all.deb')).status).toBe(403)
      expect((await ask(elsewhere.token, 'odd/plain_1.0_all.deb')).status).toBe(403)
      expect((await ask('nobody-has-this', 'odd/plain_1.0_all.deb')).status).toBe(403)
      const given = await ask(token.token, 'odd/plain_1.0_all.deb')
      expect(whatIs(given)).toBe('this is odd/plain_1.0_all.deb')
      expect((await front.gate.readToken(STABLE, token.slug_perm)).downloads).toBe(1)
    },
  )

  test('sends one part at most, and what was decided about', async () => {
    const token = await front.gate.createToken(STABLE, { limit_bandwidth: 1_000_000 })
    const url = `${front.url}/${token.token}/${STABLE}/odd/plain_1.0_all.deb`
    const ask = (headers: Readonly<Record<string, string>>) => get(url, { headers })
    const whole = 'this is odd/plain_1.0_all.deb'
    const several = await ask({ Range: 'bytes=0-3,8-11' })
    expect([several.status, several.body.toString()]).toEqual([200, whole])
    const part = await ask({ Range: 'bytes=-4' })
    expect([part.status, part.body.toString()]).toEqual([206, '.deb'])
    const other = await ask({ Range: 'bytes=-4', 'If-Range': 'Mon, 01 Jan 2001 00:00:00 GMT' })
    expect([other.status, other.body.toString()]).toEqual([200, whole])
    const used = async () => Number((await front.gate.readToken(STABLE, token.slug_perm))['bandwidth'])
    await expect.poll(used, { timeout: 30_000 }).toBe(2 * whole.length + 4)
  })

  test('keeps what it uses for itself to itself', async () => {
    const { token } = await front.gate.createToken(STABLE)
    const credentials = { headers: { Authorization: `Bearer ${token}` } }
    for (const url of urls()) {
      for (const path of ['/_postern', '/postern-internal/acme/stable/closed_1.0_all.deb', '/postern-file']) {
        const answer = await get(url + path, credentials)
        expect([403, 404]).toContain(answer.status)
        expect(answer.body.toString()).not.toContain('this is')
      }
      const { headers } = await get(`${url}/${token}/${STABLE}/odd/plain_1.0_all.deb`)
      expect(JSON.stringify(headers)).not.toMatch(/x-accel|x-postern-(?:file|path|repository|serve)/)
    }
  })
})
