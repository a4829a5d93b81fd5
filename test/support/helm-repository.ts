import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HelmProgram } from './helm.ts'
import { runOrFail, temporaryDirectory } from './processes.ts'

const CHARTS: readonly (readonly [name: string, version: string])[] = [
  ['acme-tool', '1.0.0'],
  ['acme-tool', '1.1.0'],
  ['acme-tool', '2.0.0'],
  ['acme-lib', '0.1.0'],
  ['my-app-1', '2.0.0'],
]

/** Builds a repository of charts in `directory`/helm with Helm itself: its index names archives below `baseUrl`. */
export async function buildHelmRepository(
  { path }: HelmProgram,
  directory: string,
  baseUrl: string,
): Promise<void> {
  await using work = await temporaryDirectory('charts')
  const root = join(directory, 'helm')
  await mkdir(join(root, 'charts'), { recursive: true })
  for (const [name, version] of CHARTS) {
    const chart = join(work.path, name)
    await mkdir(join(chart, 'templates'), { recursive: true })
    const about = `apiVersion: v2\nname: ${name}\nversion: ${version}\ndescription: "A test: ${'of long lines '.repeat(10)}"\n`
    await writeFile(join(chart, 'Chart.yaml'), about)
    await writeFile(join(chart, 'templates', 'map.yaml'), MAP)
    await runOrFail(path, ['package', chart, '--destination', join(root, 'charts')])
    await writeFile(join(root, 'charts', `${name}-${version}.tgz.prov`), 'signed')
  }
  await runOrFail(path, ['repo', 'index', root, '--url', baseUrl])
}

const MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n'
