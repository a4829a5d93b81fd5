import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

interface Login {
  readonly user: string
  readonly password: string
}

interface SkopeoOptions {
  /** `host:port` of the registry, without TLS. */
  readonly registry: string
  /** undefined: nobody logged in. */
  readonly login: Login | undefined
}

/** skopeo, with a home and a login of its own. */
export interface Skopeo extends AsyncDisposable {
  /** Copies an image to a layout of its own. `platform: 'all'`: every image of an index. */
  readonly pull: (image: string, platform?: string) => Promise<Finished>
  /** Any other command, with the options that they all want. */
  readonly run: (command: string, ...args: readonly string[]) => Promise<Finished>
}

export async function createSkopeo({ registry, login }: SkopeoOptions): Promise<Skopeo> {
  const directory = await temporaryDirectory('skopeo')
  const authFile = join(directory.path, 'auth.json')
  await writeFile(
    authFile,
    JSON.stringify({ auths: login === undefined ? {} : { [registry]: authOf(login) } }),
  )
  const env = cleanEnvironment({ HOME: directory.path, XDG_RUNTIME_DIR: directory.path })
  let pulls = 0
  const options = (platform: string): readonly string[] => (platform === 'all' ? ['--all'] : [])
  return {
    pull: (image, platform = 'amd64') => {
      const layout = join(directory.path, `layout-${(pulls += 1)}`)
      const before = platform === 'all' ? [] : ['--override-arch', platform, '--override-os', 'linux']
      const from = ['--src-tls-verify=false', '--src-authfile', authFile, `docker://${registry}/${image}`]
      const args = ['copy', ...options(platform), ...from, `oci:${layout}:pulled`]
      return run('skopeo', ['--insecure-policy', ...before, ...args], { env })
    },
    run: (command, ...args) => {
      const common = ['--tls-verify=false', '--authfile', authFile]
      return run('skopeo', ['--insecure-policy', command, ...common, ...args], { env })
    },
    [Symbol.asyncDispose]: directory.remove,
  }
}

function authOf({ user, password }: Login): { auth: string } {
  return { auth: Buffer.from(`${user}:${password}`).toString('base64') }
}
