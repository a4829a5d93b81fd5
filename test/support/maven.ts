import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

export interface MavenOptions {
  /** Of the repository `acme`, which is asked after `toolsUrl`. */
  readonly url: string
  /** A repository for what Maven adds by itself. */
  readonly toolsUrl: string
  /** Content of `<server>` for `acme` in settings.xml, besides its id. */
  readonly server?: string
}

/** Maven with a home and local repository of its own, and no other repository than the given ones. */
export interface Maven extends AsyncDisposable {
  /** Resolves `com.acme:widget` with all that it needs, as an extension of a build: for that Maven needs no plugin. */
  readonly resolve: (version: string) => Promise<Finished>
  /** Paths of what lies in the local repository. */
  readonly local: () => Promise<readonly string[]>
  /** All that Maven wrote down, in one text. */
  readonly written: () => Promise<string>
}

export async function createMaven({ url, toolsUrl, server = '' }: MavenOptions): Promise<Maven> {
  const directory = await temporaryDirectory('maven')
  const [local, project] = [join(directory.path, 'local'), join(directory.path, 'project')]
  await mkdir(project)
  const settings = join(directory.path, 'settings.xml')
  await writeFile(settings, `<settings><servers><server><id>acme</id>${server}</server></servers></settings>`)
  const env = cleanEnvironment({ HOME: directory.path, MAVEN_OPTS: '-XX:TieredStopAtLevel=1 -Xshare:auto' })
  const list = async (): Promise<string[]> => {
    const entries = await readdir(local, { recursive: true, withFileTypes: true }).catch(() => [])
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  }
  const options = [
    '--batch-mode',
    '--no-transfer-progress',
    '--settings',
    settings,
    `-Dmaven.repo.local=${local}`,
  ]
  return {
    resolve: async (version) => {
      await writeFile(join(project, 'pom.xml'), model(version, url, toolsUrl))
      return run('mvn', [...options, `-Duser.home=${directory.path}`, 'validate'], { cwd: project, env })
    },
    local: async () => (await list()).map((file) => file.slice(local.length + 1)),
    written: async () =>
      (await Promise.all((await list()).map((file) => readFile(file, 'latin1')))).join('\n'),
    [Symbol.asyncDispose]: directory.remove,
  }
}

function model(version: string, url: string, toolsUrl: string): string {
  const repository = (id: string, place: string): string =>
    `<pluginRepository><id>${id}</id><url>${place}</url><snapshots><enabled>true</enabled></snapshots></pluginRepository>`
  // Central under another place is nowhere else.
  const repositories =
    repository('tools', toolsUrl) + repository('acme', url) + repository('central', toolsUrl)
  const extension = `<extension><groupId>com.acme</groupId><artifactId>widget</artifactId><version>${version}</version></extension>`
  return `<project><modelVersion>4.0.0</modelVersion><groupId>org.example</groupId><artifactId>project</artifactId><version>1</version><packaging>pom</packaging><pluginRepositories>${repositories}</pluginRepositories><build><extensions>${extension}</extensions></build></project>`
}
