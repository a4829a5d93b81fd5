import { spawnSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

/** No package of Debian or npm brings it. */
export const HAS_TERRAFORM: boolean = spawnSync('terraform', ['version']).status === 0

export interface TerraformOptions {
  /** What vouches for the gate, as a file in PEM. */
  readonly certificate: string
  /** Lines of `.terraformrc`. */
  readonly settings: string
  /** The configuration. */
  readonly main: string
}

/** terraform in a project and home of its own. */
export interface Terraform extends AsyncDisposable {
  readonly init: () => Promise<Finished>
  /** A file of the project; undefined when it is not there. */
  readonly read: (file: string) => Promise<string | undefined>
}

export async function createTerraform({ certificate, settings, main }: TerraformOptions): Promise<Terraform> {
  const directory = await temporaryDirectory('terraform')
  const project = join(directory.path, 'project')
  await mkdir(project)
  await writeFile(join(project, 'main.tf'), main)
  const rc = join(directory.path, 'terraformrc')
  await writeFile(rc, `disable_checkpoint = true\n${settings}\n`)
  const env = cleanEnvironment({ HOME: directory.path, TF_CLI_CONFIG_FILE: rc, SSL_CERT_FILE: certificate })
  return {
    init: () => run('terraform', ['init', '-no-color', '-input=false'], { cwd: project, env }),
    read: (file) => readFile(join(project, file), 'utf8').catch(() => undefined),
    [Symbol.asyncDispose]: directory.remove,
  }
}
