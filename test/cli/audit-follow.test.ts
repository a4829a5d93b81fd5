import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { cleanEnvironment, waitFor } from '../support/processes.ts'
import { pageOf, startFakeApi } from './fake-api.ts'
import { run } from './run.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

interface Follower extends AsyncDisposable {
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves to the exit code. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>
  readonly child: ChildProcess
}

/** `postern audit --follow` as a process of its own. */
function follow(gate: Gate, args: readonly string[]): Follower {
  const env = cleanEnvironment({ POSTERN_API: gate.adminUrl, POSTERN_API_KEY: gate.adminKey })
  const child = spawn(process.execPath, [MAIN, 'audit', '--follow', ...args], { env, stdio: 'pipe' })
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => void (printed[name] += text))
  }
  const exit = once(child, 'exit').then(([code]) => code as number | null)
  return {
    child,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    end: (signal) => {
      child.kill(signal)
      return exit
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exit
    },
  }
}

function namesIn(jsonLines: string): unknown[] {
  const lines = jsonLines.split('\n').filter((line) => line !== '')
  return lines.map((line) => (JSON.parse(line) as { object: unknown }).object)
}

describe('with a real server', () => {
  let gate: Gate
  beforeAll(async () => {
    const repository = { format: 'raw', upstream: 'http://127.0.0.1:9/' } as const
    gate = await startGate({ config: { repositories: { 'acme/files': repository, 'acme/js': repository } } })
  })
  afterAll(() => gate[Symbol.asyncDispose]())

  test('new lines come in their order, each once, and Ctrl-C ends it with 0', async () => {
    await gate.createToken('acme/files', { name: 'before' })
    await using all = follow(gate, ['--since', '1h', '--json'])
    await using new_ = follow(gate, ['acme/files', '--json'])
    await waitFor(() => all.stdout() !== '', { what: 'what was before' })
    // It prints nothing yet, so that nobody sees when it has begun: then this is what it prints first.
    await waitFor(async () => {
      await gate.createToken('acme/files', { name: 'begun' })
      await gate.createToken('acme/js', { name: 'elsewhere' })
      return namesIn(new_.stdout()).includes('begun')
    })
    await gate.createToken('acme/files', { name: 'one' })
    const bulk = Array.from({ length: 700 }, (_, index) => ({ name: `bulk ${index}` }))
    await gate.admin('POST', '/entitlements/acme/files/bulk/', bulk)
    const { slug_perm: last } = await gate.createToken('acme/files', { name: 'last' })
    for (const follower of [all, new_]) {
      await waitFor(() => namesIn(follower.stdout()).includes('last'), { what: 'the last line' })
    }
    const { body } = await gate.admin('GET', '/audit-log/?page_size=1')
    expect(body).toMatchObject([{ object_slug_perm: last }])
    const own = namesIn(new_.stdout()).filter((name) => name !== 'begun')
    expect(own[0]).toBe('one')
    expect(own.at(-1)).toBe('last')
    expect(own.slice(1, -1).toSorted()).toEqual(bulk.map(({ name }) => name).toSorted())
    const everything = namesIn(all.stdout())
    expect(everything[0]).toBe('before')
    expect(everything).toContain('elsewhere')
    const ids = all.stdout().match(/"uuid":"\w+"/g) ?? []
    expect(new Set(ids).size).toBe(ids.length)
    expect(await all.end('SIGINT')).toBe(0)
    expect(await new_.end('SIGTERM')).toBe(0)
    expect(all.stderr() + new_.stderr()).toBe('')
  })

  test('lines for a person stand below one title, with what changed if that is wanted', async () => {
    const { slug_perm } = await gate.createToken('acme/js', { name: 'Followed' })
    await using follower = follow(gate, ['--token', slug_perm, '--since', '1h', '--details'])
    await waitFor(() => follower.stdout().includes('entitlement.created'))
    await gate.admin('PATCH', `/entitlements/acme/js/${slug_perm}/`, { limit_num_downloads: 7 })
    await waitFor(() => follower.stdout().includes('limit_num_downloads: null -> 7'))
    const lines = follower.stdout().split('\n')
    expect(lines.filter((line) => line.startsWith('WHEN'))).toHaveLength(1)
    const [title = '', ...others] = lines.filter((line) => /^\S/.test(line))
    const whats = others.map((line) => line.indexOf('entitlement.'))
    expect(whats).toEqual([title.indexOf('WHAT'), title.indexOf('WHAT')])
    expect(await follower.end('SIGINT')).toBe(0)
  })

  test('it ends when nobody reads any more', async () => {
    await using follower = follow(gate, ['--since', '1h'])
    await waitFor(() => follower.stdout() !== '')
    follower.child.stdout?.destroy()
    const isGone = async (): Promise<boolean> => {
      await gate.createToken('acme/js')
      return follower.child.exitCode === 0
    }
    expect(await waitFor(isGone)).toBe(true)
  })
})

const ENTRY = { uuid: '01JD0000000000000000000009', event_at: '2026-02-27T08:30:00.000Z', object: 'A' }

test('an API that is away for a while is asked again, and nothing is lost', async () => {
  let [asked, isAway] = [0, false]
  const ending = new AbortController()
  await using api = await startFakeApi(() => {
    asked++
    isAway = asked === 2
    if (asked === 4) ending.abort()
    return isAway ? { status: 503, body: { detail: 'Not now.' } } : pageOf(asked < 3 ? [] : [ENTRY])
  })
  const { code, stdout, stderr } = await run(['audit', '-f', '--json', '--since', '2026-02-27'], {
    api: api.url,
    signal: ending.signal,
  })
  expect([code, namesIn(stdout)]).toEqual([0, ['A']])
  expect(stderr).toContain('Not now.\nIt is asked again every 2 seconds.\nIt answers again.\n')
  expect(api.requests().at(-1)).toContain('since=2026-02-27T08%3A29%3A00.000Z')
})

test('a page that fails loses none of the lines of the others', async () => {
  const other = { ...ENTRY, uuid: '01JD0000000000000000000008', object: 'B' }
  let asked = 0
  const ending = new AbortController()
  await using api = await startFakeApi(({ url }) => {
    asked++
    if (asked === 1) return pageOf([])
    if (asked === 3) return { status: 503, body: { detail: 'Not now.' } }
    if (asked === 6) ending.abort()
    const page = url.includes('page=2') ? 2 : 1
    return asked > 5 ? pageOf([]) : pageOf(page === 1 ? [ENTRY] : [other], page, 2, 2)
  })
  const options = { api: api.url, signal: ending.signal }
  const { code, stdout } = await run(['audit', '-f', '--json', '--since', '2026-02-27'], options)
  expect([code, namesIn(stdout)]).toEqual([0, ['B', 'A']])
})

test.each([
  ['never answered', 503, 2],
  ['says no', 404, 1],
])('an API that %s ends it', async (_, status, expected) => {
  await using api = await startFakeApi(() => ({ status, body: { detail: 'No.' } }))
  for (const more of [[], ['--since', '1h']]) {
    const { code, stderr } = await run(['audit', '--follow', ...more], { api: api.url })
    expect([code, stderr.split('\n').length]).toEqual([expected, 2])
  }
})

test.each([
  ['--until', '2026-01-01'],
  ['--page', '2'],
  ['--page-size', '5'],
])('--follow refuses %s', async (option, value) => {
  const { code, stderr } = await run(['audit', '--follow', option, value])
  expect(code).toBe(2)
  expect(stderr).toContain(`cannot be used with option '${option}`)
})
