import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cleanEnvironment, run } from '../support/processes.ts'

const ROOT = join(import.meta.dirname, '../..')

interface Instruction {
  readonly name: string
  readonly rest: string
}

/** Instructions of the Dockerfile, continued lines joined. */
function readInstructions(): Instruction[] {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').replaceAll(/^#.*\n/gm, '')
  const lines = text.replaceAll(/\\\n\s*/g, '').split('\n')
  return lines
    .filter((line) => line !== '')
    .map((line) => ({ name: line.split(' ', 1)[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }))
}

const INSTRUCTIONS = readInstructions()
const LAST_STAGE = INSTRUCTIONS.slice(INSTRUCTIONS.findLastIndex(({ name }) => name === 'FROM'))

function copies(): { readonly from: string | undefined; readonly sources: readonly string[] }[] {
  return INSTRUCTIONS.filter(({ name }) => name === 'COPY').map(({ rest }) => {
    const words = rest.split(' ')
    const from = words[0]?.startsWith('--from=') ? words[0].slice('--from='.length) : undefined
    return { from, sources: words.slice(from === undefined ? 0 : 1, -1) }
  })
}

function only(name: string): string {
  const found = LAST_STAGE.filter((each) => each.name === name)
  expect(found).toHaveLength(1)
  return found[0]?.rest ?? ''
}

function execForm(text: string): string[] {
  return JSON.parse(text) as string[]
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
}

test('everything that it copies from the checkout is there and let through by .dockerignore', () => {
  const sources = copies().flatMap(({ from, sources: each }) => (from === undefined ? each : []))
  const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n')
  expect(sources).not.toEqual([])
  expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([])
  expect(sources.filter((source) => !ignored.includes(`!${source}`))).toEqual([])
})

test('everything that is copied between stages is made in a stage of that name', () => {
  const stages = INSTRUCTIONS.flatMap(({ rest }) => / AS (\w+)$/.exec(rest)?.[1] ?? [])
  const moved = copies().filter(({ from }) => from !== undefined)
  expect(moved).toEqual([
    { from: 'dependencies', sources: ['/app/node_modules'] },
    { from: 'build', sources: ['/app/dist'] },
  ])
  expect(stages).toEqual(['build', 'dependencies'])
})

test('it starts what the build makes of src/main.ts, without a shell', () => {
  const { bin } = readJson('package.json') as { bin: { postern: string } }
  const { compilerOptions } = readJson('tsconfig.build.json') as { compilerOptions: { outDir: string } }
  expect(execForm(only('ENTRYPOINT'))).toEqual(['node', `/app/${bin.postern}`])
  expect(bin.postern).toBe(`${compilerOptions.outDir}/main.js`)
  expect(existsSync(join(ROOT, 'src/main.ts'))).toBe(true)
  expect(execForm(only('CMD'))[0]).toBe('serve')
})

test('it does not run as root, and owns its data', () => {
  expect(only('USER')).toBe('node')
  expect(only('VOLUME')).toBe('/data')
  expect(only('RUN')).toContain('install -d -o node -g node -m 0700 /data')
})

test('it is built from one major version of Node, one that Postern supports', () => {
  const images = INSTRUCTIONS.filter(({ name }) => name === 'FROM').map(
    ({ rest }) => rest.split(' ')[0] ?? '',
  )
  const { engines } = readJson('package.json') as { engines: { node: string } }
  expect(new Set(images).size).toBe(1)
  const major = Number(/^node:(\d+)-slim$/.exec(images[0] ?? '')?.[1])
  expect(major).toBeGreaterThanOrEqual(Number(engines.node.slice('>='.length)))
})

test('the Node for developers stays out of it', () => {
  const installs = INSTRUCTIONS.filter(({ name, rest }) => name === 'RUN' && rest.startsWith('npm ci --omit'))
  expect(installs.map(({ rest }) => rest)).toEqual([expect.stringContaining('--omit=dev --omit=optional')])
})

async function checkHealth(api: string): Promise<number> {
  const health = only('HEALTHCHECK')
  const [command = '', ...args] = execForm(health.slice(health.indexOf('CMD ') + 'CMD '.length))
  expect(command).toBe('node')
  const { code } = await run(process.execPath, args, { env: cleanEnvironment({ POSTERN_API: api }) })
  return code
}

async function startAnswering(status: number): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/readyz' ? status : 404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test.each([
  [200, 0],
  [503, 1],
])('the health check of a server that answers %i ends with %i', async (status, code) => {
  const { server, url } = await startAnswering(status)
  try {
    expect(await checkHealth(url)).toBe(code)
  } finally {
    server.close()
  }
})

test('the health check fails where nobody answers', async () => {
  const { server, url } = await startAnswering(200)
  server.close()
  await once(server, 'close')
  expect(await checkHealth(url)).toBe(1)
})
