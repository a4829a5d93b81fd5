import { join } from 'node:path'
import { createApt } from '../../support/apt.ts'
import { createComposer } from '../../support/composer.ts'
import { createDnf } from '../../support/dnf.ts'
import { createGo } from '../../support/go.ts'
import { createMaven } from '../../support/maven.ts'
import { createNpm } from '../../support/npm.ts'
import { createPip } from '../../support/pip.ts'
import { run, temporaryDirectory, type Finished } from '../../support/processes.ts'
import { createRuby } from '../../support/ruby.ts'
import { createSkopeo } from '../../support/skopeo.ts'
import { debianKey, type ClientRepository, type Scene } from './scene.ts'

/** How the secret is brought. */
export type Form = 'path' | 'password'

/** A client with a home and caches of its own. */
export interface Running extends AsyncDisposable {
  /** Wants the same package each time, as a person would. */
  readonly attempt: () => Promise<Finished>
  /** What it wrote down for the next time and for others; undefined: it has no such file. */
  readonly lock?: (() => Promise<string | undefined>) | undefined
}

interface Place {
  readonly scene: Scene
  readonly form: Form
  readonly secret: string
  /** Of the repository, no trailing slash. */
  readonly url: string
  /** The same with user and password, where they stand in the URL. */
  readonly urlWithLogin: string
}

/** A client that refusals are shown to. */
export interface Client {
  readonly name: string
  /** A command that prints its version. */
  readonly version: readonly [command: string, ...args: string[]]
  readonly repository: ClientRepository
  readonly forms: readonly Form[]
  readonly start: (place: Place) => Promise<Running>
}

const BOTH: readonly Form[] = ['path', 'password']

/** Where a client would wait for minutes before it tries again, it is told to wait less, and never to try less often. */
export const CLIENTS: readonly Client[] = [
  { name: 'apt', version: ['apt-get', '--version'], repository: 'acme/apt', forms: BOTH, start: startApt },
  { name: 'dnf', version: ['dnf', '--version'], repository: 'acme/dnf', forms: BOTH, start: startDnf },
  { name: 'npm', version: ['npm', '--version'], repository: 'acme/npm', forms: BOTH, start: startNpm },
  {
    name: 'pip',
    version: ['/usr/bin/python3', '-m', 'pip', '--version'],
    repository: 'acme/pip',
    forms: BOTH,
    start: startPip,
  },
  { name: 'Maven', version: ['mvn', '--version'], repository: 'acme/maven', forms: BOTH, start: startMaven },
  // With a password it wants TLS.
  { name: 'go', version: ['go', 'version'], repository: 'acme/go', forms: ['path'], start: startGo },
  { name: 'gem', version: ['gem', '--version'], repository: 'acme/gem', forms: BOTH, start: startGem },
  {
    name: 'Bundler',
    version: ['bundle', '--version'],
    repository: 'acme/bundler',
    forms: BOTH,
    start: startBundler,
  },
  {
    name: 'Composer',
    version: ['composer', '--version', '--no-ansi'],
    repository: 'acme/composer',
    forms: BOTH,
    start: startComposer,
  },
  {
    name: 'skopeo',
    version: ['skopeo', '--version'],
    repository: 'acme/skopeo',
    forms: ['password'],
    start: startSkopeo,
  },
  { name: 'curl', version: ['curl', '--version'], repository: 'acme/curl', forms: BOTH, start: startCurl },
]

/** Starts a client that brings `secret`. */
export function startClient(client: Client, scene: Scene, form: Form, secret: string): Promise<Running> {
  const { repository, start } = client
  const url = `${scene.gate.url}/${form === 'path' ? secret : 'basic'}/${repository}`
  const login = form === 'path' ? '' : `token:${secret}@`
  return start({ scene, form, secret, url, urlWithLogin: url.replace('://', `://${login}`) })
}

async function startApt({ scene, form, secret, url }: Place): Promise<Running> {
  const login = form === 'path' ? {} : { login: { machine: url, login: 'token', password: secret } }
  const apt = await createApt({ source: `${url} stable main`, key: debianKey(scene), ...login })
  const attempt = async (): Promise<Finished> => {
    const update = await apt.update()
    if (update.code !== 0) return update
    const install = await apt.install('plain-demo')
    return { ...install, output: update.output + install.output }
  }
  return { attempt, [Symbol.asyncDispose]: () => apt[Symbol.asyncDispose]() }
}

async function startDnf({ form, secret, url }: Place): Promise<Running> {
  const login = form === 'path' ? {} : { login: { username: 'token', password: secret } }
  const dnf = await createDnf({ baseUrl: `${url}/`, ...login })
  return running(dnf, () => dnf.install('--setopt=retries=10', 'plain-demo'))
}

async function startNpm({ form, secret, url }: Place): Promise<Running> {
  const npm = await createNpm({ registry: `${url}/`, ...(form === 'path' ? {} : { authToken: secret }) })
  const patience = ['--fetch-retries=2', '--fetch-retry-mintimeout=10', '--fetch-retry-maxtimeout=50']
  const attempt = (): Promise<Finished> => npm.run('install', '--no-progress', ...patience, '@acme/widget')
  return running(npm, attempt, () => npm.read('package-lock.json'))
}

async function startPip({ urlWithLogin }: Place): Promise<Running> {
  const pip = await createPip({ indexUrl: `${urlWithLogin}/simple/` })
  return running(pip, () => pip.install('--retries', '5', 'acme-tool'))
}

async function startMaven({ scene, form, secret, url }: Place): Promise<Running> {
  const server = `<username>token</username><password>${secret}</password>`
  const toolsUrl = `file://${scene.root}/maven-tools`
  const maven = await createMaven({ url, toolsUrl, ...(form === 'path' ? {} : { server }) })
  return running(maven, () => maven.resolve('1.1'), maven.written)
}

async function startGo({ url }: Place): Promise<Running> {
  const go = await createGo({ proxy: url })
  return running(
    go,
    () => go.run('get', 'example.com/acme/tool'),
    () => go.read('go.sum'),
  )
}

async function startGem({ urlWithLogin }: Place): Promise<Running> {
  const ruby = await createRuby({ source: `${urlWithLogin}/` })
  return running(ruby, () => ruby.gem('install', '--no-document', 'acme-tool'))
}

async function startBundler({ form, secret, url }: Place): Promise<Running> {
  const credentials = form === 'path' ? {} : { credentials: `token:${secret}` }
  const ruby = await createRuby({ source: `${url}/`, gems: ['gem "acme-tool"'], ...credentials })
  return running(
    ruby,
    () => ruby.bundle('install', '--retry', '3'),
    () => ruby.read('Gemfile.lock'),
  )
}

async function startComposer({ scene, form, secret, url }: Place): Promise<Running> {
  const login = { [new URL(scene.gate.url).host]: { username: 'token', password: secret } }
  const auth = form === 'path' ? {} : { 'http-basic': login }
  const composer = await createComposer({ url, requires: { 'acme/tool': '*' }, auth })
  return running(
    composer,
    () => composer.run('update'),
    () => composer.read('composer.lock'),
  )
}

async function startSkopeo({ scene, secret }: Place): Promise<Running> {
  const registry = new URL(scene.gate.url).host
  const skopeo = await createSkopeo({ registry, login: { user: 'token', password: secret } })
  return running(skopeo, () => skopeo.pull('acme/skopeo/tool:1.0'))
}

async function startCurl({ form, secret, url }: Place): Promise<Running> {
  const directory = await temporaryDirectory('curl')
  const login = form === 'path' ? [] : ['-u', `token:${secret}`]
  const file = join(directory.path, 'small.bin')
  return running(directory, () => run('curl', ['-fsS', ...login, '-o', file, `${url}/small.bin`]))
}

function running(owner: AsyncDisposable, attempt: Running['attempt'], lock?: Running['lock']): Running {
  return { attempt, lock, [Symbol.asyncDispose]: async () => owner[Symbol.asyncDispose]() }
}
