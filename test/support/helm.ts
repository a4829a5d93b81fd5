import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { cleanEnvironment, run, runOrFail, temporaryDirectory, type Finished } from './processes.ts'

/** Neither Debian nor npm has Helm by its name, but it lies in what functions of a cloud are built from. For Linux on x64 only. */
const LAYER = fileURLToPath(import.meta.resolve('@aws-cdk/asset-kubectl-v20/lib/layer.zip'))
const UNPACK = `import os, sys, zipfile
os.chmod(zipfile.ZipFile(sys.argv[1]).extract('helm/helm', sys.argv[2]), 0o755)`

/** True where there is a Helm that runs. */
export const HAS_HELM: boolean = process.platform === 'linux' && process.arch === 'x64'

/** The program itself, unpacked. */
export interface HelmProgram extends AsyncDisposable {
  readonly path: string
}

export async function unpackHelm(): Promise<HelmProgram> {
  const directory = await temporaryDirectory('helm')
  await runOrFail('/usr/bin/python3', ['-c', UNPACK, LAYER, directory.path])
  return { path: join(directory.path, 'helm', 'helm'), [Symbol.asyncDispose]: directory.remove }
}

/** Helm with a home and a folder for charts of its own. */
export interface Helm extends AsyncDisposable {
  readonly run: (...args: readonly string[]) => Promise<Finished>
  /** Names of what was pulled. */
  readonly pulled: () => Promise<readonly string[]>
  readonly folder: string
}

export async function createHelm({ path }: HelmProgram): Promise<Helm> {
  const directory = await temporaryDirectory('helm-home')
  const folder = join(directory.path, 'charts')
  await runOrFail('mkdir', [folder])
  const env = cleanEnvironment({
    HOME: directory.path,
    HELM_CACHE_HOME: join(directory.path, 'cache'),
    HELM_CONFIG_HOME: join(directory.path, 'config'),
    HELM_DATA_HOME: join(directory.path, 'data'),
  })
  return {
    run: (...args) => run(path, args, { cwd: folder, env }),
    pulled: async () => (await readdir(folder)).toSorted(),
    folder,
    [Symbol.asyncDispose]: directory.remove,
  }
}
