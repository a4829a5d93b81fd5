import { refuse, type Refusal } from '../../policy/refusal.ts'
import type { SetupFormat } from '../../request/setup-page.ts'
import { keyFileName, type RepositoryKey } from './key.ts'
import { fileNameOf, type ScriptFacts } from './script.ts'
import type { SetupSettings } from './settings.ts'
import type { StorageView } from './storage.ts'
import { fill, type System } from './system.ts'

/** What the text of a configuration is made from. */
interface ConfigFacts extends Omit<ScriptFacts, 'keyName'> {
  readonly settings: SetupSettings
  readonly system: System
  readonly storage: StorageView
  readonly key: RepositoryKey
}

type WriteConfig = (facts: ConfigFacts) => Promise<string | Refusal>

/** What goes into the client's configuration. Refuses, with `setup_missing`, what the storage has nothing for. */
export const WRITE_CONFIG: Readonly<Record<SetupFormat, WriteConfig>> = {
  deb: writeSource,
  rpm: writeRepo,
  alpine: writeLine,
}

const NOTHING_HERE = refuse('setup_missing', { why: 'the repository has nothing for this system' })

/** For sources.list.d. A suite with a slash at its end is a flat repository, and has no components. */
async function writeSource(facts: ConfigFacts): Promise<string | Refusal> {
  const { owner, repo, settings, system, storage, key, baseUrl } = facts
  const folder = fill(settings.path ?? '', system)
  if (typeof folder === 'object') return folder
  const suites = settings.suite === undefined ? [system.codename, 'stable'] : [fill(settings.suite, system)]
  for (const suite of suites) {
    if (typeof suite === 'object') return suite
    if (suite === '') continue
    const release = await readRelease(storage, below(folder, isFlat(suite) ? suite : `dists/${suite}`))
    if (release === undefined) continue
    if (typeof release === 'object') return release
    const options = `[signed-by=/etc/apt/keyrings/${keyFileName('deb', fileNameOf(owner, repo), key)}]`
    const components = isFlat(suite) ? [] : (settings.components ?? componentsOf(release))
    const source = [`${baseUrl}${folder}`.replace(/\/$/, ''), suite, ...components].join(' ')
    return `# ${owner}/${repo}\ndeb ${options} ${source}\n# deb-src ${options} ${source}\n`
  }
  return NOTHING_HERE
}

function isFlat(suite: string): boolean {
  return suite.endsWith('/')
}

async function readRelease(storage: StorageView, folder: string): Promise<string | Refusal | undefined> {
  for (const name of ['InRelease', 'Release']) {
    const content = await storage.read(below(folder, name))
    if (Buffer.isBuffer(content)) return content.toString('utf8')
    if (content.code !== 'not_found') return content
  }
  return undefined
}

/** Only words that a line of sources.list can hold. */
function componentsOf(release: string): string[] {
  const line = /^Components:[ \t]*(.*)$/m.exec(release)?.[1] ?? ''
  const words = line.split(/\s+/).filter((word) => /^[A-Za-z0-9][A-Za-z0-9._+/-]*$/.test(word))
  return words.length === 0 ? ['main'] : words
}

/** For yum.repos.d. The secret of the login stands in it. */
async function writeRepo(facts: ConfigFacts): Promise<string | Refusal> {
  const { owner, repo, settings, system, storage, baseUrl, secret } = facts
  const folder = fill(settings.path ?? '', system)
  if (typeof folder === 'object') return folder
  const isThere = await storage.exists(below(folder, 'repodata/repomd.xml'))
  if (isThere !== true) return isThere === false ? NOTHING_HERE : isThere
  const isSigned = await storage.exists(below(folder, 'repodata/repomd.xml.asc'))
  if (typeof isSigned === 'object') return isSigned
  const lines = [
    `[${fileNameOf(owner, repo)}]`,
    `name=${owner}/${repo}`,
    `baseurl=${baseUrl}${below(folder, '')}`,
    ...(secret === undefined ? [] : ['username=token', `password=${secret}`]),
    'enabled=1',
    `repo_gpgcheck=${isSigned ? 1 : 0}`,
    `gpgcheck=${settings.signedPackages ? 1 : 0}`,
    `gpgkey=${baseUrl}gpg.key`,
    'sslverify=1',
    'metadata_expire=300',
    'autorefresh=1',
    'type=rpm-md',
  ]
  return `${lines.join('\n')}\n`
}

/** A line for /etc/apk/repositories, with the login in it. */
async function writeLine(facts: ConfigFacts): Promise<string | Refusal> {
  const { settings, system, storage, baseUrl, secret } = facts
  const folder = fill(settings.path ?? 'v{version}/main', { ...system, version: branchOf(system.version) })
  if (typeof folder === 'object') return folder
  const arch = fill('{arch}', system)
  if (typeof arch === 'object') return arch
  const isThere = await storage.exists(below(folder, `${arch}/APKINDEX.tar.gz`))
  if (isThere !== true) return isThere === false ? NOTHING_HERE : isThere
  const login = secret === undefined ? '' : `token:${secret}@`
  return `${baseUrl.replace('://', `://${login}`)}${folder}\n`
}

/** `3.20` of `3.20.1`. */
function branchOf(version: string): string {
  return /^\d+\.\d+/.exec(version)?.[0] ?? version
}

/** Without a slash at its beginning; a flat suite brings its own dot. */
function below(folder: string, path: string): string {
  const segments = `${folder}/${path}`.split('/').filter((segment) => segment !== '' && segment !== '.')
  return segments.join('/') + (path === '' && segments.length > 0 ? '/' : '')
}
