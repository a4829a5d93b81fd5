import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Snippet } from '../../src/snippets/snippets.ts'
import { startGate, type Gate } from '../support/gate.ts'
import { cleanEnvironment, run, runOrFail, temporaryDirectory, type Finished } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { startRubyStorage, type RubyStorage } from '../support/ruby-storage.ts'

/** What `postern tokens setup` prints is written where it says, run as it is, and the client used. */

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

let storage: Storage
let gems: RubyStorage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('npm', 'python', 'raw', 'go', 'composer')
  gems = await startRubyStorage()
  await writeFile(join(storage.root, 'raw/tool-1.0.tar.gz'), 'tool')
  const at = (folder: string): string => `${storage.url}/${folder}/`
  const repositories = {
    'acme/js': { format: 'npm', upstream: at('npm') },
    'acme/py': { format: 'python', upstream: at('python') },
    'acme/files': { format: 'raw', upstream: at('raw') },
    'acme/modules': { format: 'go', upstream: at('go') },
    'acme/php': { format: 'composer', upstream: at('composer') },
    'acme/ruby': { format: 'ruby', upstream: `${gems.url}/` },
  } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await gems?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

interface Used {
  readonly repository: string
  readonly form: 'basic' | 'path'
  /** What the customer does then. */
  readonly use: string
  /** Programs that are not here. */
  readonly without?: RegExp
}

const NPM = 'npm install --no-audit --no-fund @acme/widget && test -d node_modules/@acme/widget'
const PIP = '/usr/bin/python3 -m pip install --no-compile --target out acme-tool && test -f out/acme_tool.py'
// Over http, and with nobody else asked.
const COMPOSER = `composer config secure-http false && composer config repo.packagist.org false &&
  composer require --no-interaction acme/tool && test -d vendor/acme/tool`

const USES: readonly Used[] = [
  { repository: 'acme/js', form: 'basic', use: NPM },
  { repository: 'acme/js', form: 'path', use: NPM },
  { repository: 'acme/py', form: 'basic', use: PIP, without: /^poetry / },
  { repository: 'acme/py', form: 'path', use: PIP },
  { repository: 'acme/files', form: 'basic', use: 'test "$(cat tool-1.0.tar.gz)" = tool' },
  { repository: 'acme/files', form: 'path', use: 'test "$(cat tool-1.0.tar.gz)" = tool' },
  {
    repository: 'acme/modules',
    form: 'path',
    use: 'go mod init example.org/x && go get example.com/acme/tool',
  },
  { repository: 'acme/php', form: 'basic', use: COMPOSER },
  { repository: 'acme/php', form: 'path', use: COMPOSER },
  { repository: 'acme/ruby', form: 'basic', use: 'bundle install && bundle info acme-tool' },
  { repository: 'acme/ruby', form: 'path', use: 'gem list --installed acme-tool' },
]

test.each(USES)('$repository works as the command says, in the form "$form"', async (used) => {
  const { slug_perm } = await gate.createToken(used.repository)
  const { code, output } = await tryOut(await printed(used, slug_perm), used)
  expect(code === 0 ? '' : output).toBe('')
})

async function printed({ repository, form }: Used, id: string): Promise<readonly Snippet[]> {
  const api = ['--api', gate.adminUrl, '--api-key', gate.adminKey]
  const options = ['--form', form, '--show-secret', '--json']
  const text = await runOrFail(process.execPath, [
    MAIN,
    'tokens',
    'setup',
    repository,
    id,
    ...options,
    ...api,
  ])
  return (JSON.parse(text) as { readonly snippets: readonly Snippet[] }).snippets
}

async function tryOut(snippets: readonly Snippet[], { use, without }: Used): Promise<Finished> {
  await using directory = await temporaryDirectory('snippets')
  const home = directory.path
  const project = join(home, 'project')
  await mkdir(project)
  for (const { title, text } of snippets.filter((each) => each.title !== 'Run')) {
    const file = title.startsWith('~/') ? join(home, title.slice(2)) : join(project, title)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, `${text}\n`)
  }
  const commands = snippets.filter(({ title, text }) => title === 'Run' && without?.test(text) !== true)
  const script = [...commands.map(({ text }) => text), use].join('\n')
  const env = cleanEnvironment({
    HOME: home,
    PIP_CONFIG_FILE: join(project, 'pip.conf'),
    PIP_ROOT_USER_ACTION: 'ignore',
    GONOSUMDB: 'example.com/*',
    GOFLAGS: '-modcacherw',
    GEM_HOME: join(home, 'gems'),
    BUNDLE_PATH: join(home, 'bundle'),
    BUNDLE_SILENCE_ROOT_WARNING: '1',
    COMPOSER_ALLOW_SUPERUSER: '1',
    COMPOSER_HOME: join(home, 'composer'),
  })
  return await run('bash', ['-ec', script], { cwd: project, env })
}
