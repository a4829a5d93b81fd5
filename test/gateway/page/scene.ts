import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startGate, type Gate } from '../../support/gate.ts'
import { startNginx } from '../../support/nginx.ts'
import { temporaryDirectory } from '../../support/processes.ts'
import { get, type Answer } from '../../support/requests.ts'

/** What browsers send. */
export const BROWSER = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
}

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="18"/></svg>'
const OLD_S = Date.UTC(2024, 0, 1) / 1000

/** A gate with a folder, a storage behind HTTP that lists its folders, and a public folder. */
export interface PageScene extends AsyncDisposable {
  readonly gate: Gate
  /** Looks at the root of a repository. */
  readonly look: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>
}

const FILES = {
  'files/tools/widget-1.0.txt': 'widget one',
  'files/tools/widget-2.0.txt': 'widget two',
  'files/tools/widget-1.0.txt.sha256': 'sum',
  'files/secret plans/<b>bomb.txt': 'boom',
  'far/tools/gadget-1.0.txt': 'gadget one',
  'far/tools/gadget-2.0.txt': 'gadget two',
  'terms.txt': 'Be good.\n'.repeat(100),
  'logo.svg': LOGO,
}

export async function startPageScene(): Promise<PageScene> {
  await using started = new AsyncDisposableStack()
  const folder = started.use(await temporaryDirectory('page'))
  for (const [path, content] of Object.entries(FILES)) {
    await mkdir(join(folder.path, path, '..'), { recursive: true })
    await writeFile(join(folder.path, path), content)
  }
  await utimes(join(folder.path, 'files/tools/widget-1.0.txt'), OLD_S, OLD_S)
  const nginx = started.use(
    await startNginx({ serverConfig: `location / { root ${folder.path}; autoindex on; }` }),
  )
  const upstream = `file:${folder.path}/files`
  const far = `${nginx.url}/far/`
  const gate = started.use(
    await startGate({
      config: {
        hosts: { 'files.example.com': 'acme/files' },
        page: { name: 'Acme <packages>', contact: 'help@acme.example', logo: `${folder.path}/logo.svg` },
        repositories: {
          'acme/files': { format: 'raw', upstream },
          'acme/far': {
            format: 'raw',
            upstream: far,
            page: { name: 'Far & wide', contact: 'https://acme.example/' },
          },
          'acme/open': { format: 'raw', upstream, public: true },
          'acme/bare': { format: 'raw', upstream: far, page: { enabled: false } },
          'acme/quiet': { format: 'raw', upstream, page: { packages: false } },
          'acme/agreed': {
            format: 'raw',
            upstream,
            eula: { revision: 4, text: `${folder.path}/terms.txt`, required_of: 'all_tokens' },
          },
          'acme/py': { format: 'python', upstream: far },
          'acme/deb': { format: 'deb', upstream: far },
          'acme/images': { format: 'docker', upstream: nginx.url },
        } as never,
      },
    }),
  )
  const kept = started.move()
  return {
    gate,
    look: (path, headers = BROWSER) => get(`${gate.url}${path}`, { headers }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
