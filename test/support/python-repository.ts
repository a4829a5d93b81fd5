import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeZip } from './zip.ts'

const PROJECTS: Readonly<Record<string, readonly string[]>> = {
  'acme-tool': ['1.0', '1.1', '2.0'],
  'acme-lib': ['1.0'],
  'plain-demo': ['1.0'],
  promised: ['1.0'],
}
/** Every acme-tool is in need of it. */
const NEEDS: Readonly<Record<string, string>> = { 'acme-tool': 'acme-lib' }

/**
 * Builds a static Python repository in `directory`/python: a page per project at `simple/NAME/index.html`, wheels below `packages`. The page of
 * `acme-tool` names its files by absolute URLs below `baseUrl`, the others by relative ones; that of `promised` promises metadata (PEP 658).
 */
export async function buildPythonRepository(directory: string, baseUrl: string): Promise<void> {
  const root = join(directory, 'python')
  await mkdir(join(root, 'packages'), { recursive: true })
  for (const [project, versions] of Object.entries(PROJECTS)) {
    const isAbsolute = project === 'acme-tool'
    const lines: string[] = []
    for (const version of versions) {
      const { filename, sha256 } = await buildWheel(join(root, 'packages'), project, version)
      const link = `${isAbsolute ? `${baseUrl}/` : '../../'}packages/${filename}#sha256=${sha256}`
      const promise =
        project === 'promised' ? ' data-dist-info-metadata="true" data-core-metadata="true"' : ''
      lines.push(`<a href="${link}" data-requires-python="&gt;=3.6"${promise}>${filename}</a><br/>`)
    }
    await mkdir(join(root, 'simple', project), { recursive: true })
    const page = `<!DOCTYPE html>\n<html><body>\n${lines.join('\n')}\n</body></html>\n`
    await writeFile(join(root, 'simple', project, 'index.html'), page)
  }
}

async function buildWheel(
  folder: string,
  project: string,
  version: string,
): Promise<{ filename: string; sha256: string }> {
  const module = project.replaceAll('-', '_')
  const filename = `${module}-${version}-py3-none-any.whl`
  const info = `${module}-${version}.dist-info`
  const needs = NEEDS[project] === undefined ? '' : `Requires-Dist: ${NEEDS[project]}\n`
  const metadata = `Metadata-Version: 2.1\nName: ${project}\nVersion: ${version}\n${needs}`
  const wheel = 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n'
  const files = {
    [`${module}.py`]: `VERSION = "${version}"\n`,
    [`${info}/METADATA`]: metadata,
    [`${info}/WHEEL`]: wheel,
  }
  const record = [...Object.keys(files), `${info}/RECORD`].map((name) => `${name},,\n`).join('')
  await writeZip(join(folder, filename), { ...files, [`${info}/RECORD`]: record })
  await writeFile(join(folder, `${filename}.metadata`), metadata)
  const sha256 = createHash('sha256')
    .update(await readFile(join(folder, filename)))
    .digest('hex')
  return { filename, sha256 }
}
