import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeLayout, type Content } from './image.ts'
import {
  runOrFail,
  startOnFreePort,
  startServer,
  temporaryDirectory,
  type TemporaryDirectory,
} from './processes.ts'
import { startWiretap } from './wiretap.ts'

/** A real registry of images. */
export interface Registry extends AsyncDisposable {
  /** Where the gate is to fetch, no trailing slash. */
  readonly url: string
  /** Every byte that reached `url`. */
  readonly heard: () => string
  /** The registry itself, which nobody listens to: `127.0.0.1:port`. */
  readonly host: string
  /** Pushes with skopeo, as `image:tag`. */
  readonly push: (content: Content, place: string) => Promise<void>
}

interface RegistryOptions {
  /** Lines of the configuration's `http` section. */
  readonly http?: string
}

/** Starts Debian's docker-registry with an empty store. */
export async function startRegistry({ http = '' }: RegistryOptions = {}): Promise<Registry> {
  const directory = await temporaryDirectory('registry')
  const { server, port } = await startOnFreePort(async (free) => {
    const config = join(directory.path, 'config.yml')
    await writeFile(config, configuration(directory.path, free, http))
    const started = await startServer('docker-registry', ['serve', config], {
      isReady: async () => (await fetch(`http://127.0.0.1:${free}/v2/`)).status === 200,
    })
    return { server: started, port: free }
  })
  const wiretap = await startWiretap(port)
  const host = `127.0.0.1:${port}`
  return {
    url: wiretap.url,
    heard: wiretap.heard,
    host,
    push: (content, place) => push(directory, content, `${host}/${place}`),
    [Symbol.asyncDispose]: async () => {
      await wiretap.stop()
      await server.stop()
      await directory.remove()
    },
  }
}

function configuration(folder: string, port: number, http: string): string {
  return `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: ${folder}/store}
  delete: {enabled: true}
http:
  addr: 127.0.0.1:${port}
  secret: tests
${http}
`
}

async function push(directory: TemporaryDirectory, content: Content, place: string): Promise<void> {
  const layout = join(directory.path, 'layouts', place.replaceAll(/[^a-z0-9.]+/gi, '-'))
  await writeLayout(layout, content)
  const options = [
    '--insecure-policy',
    'copy',
    '--quiet',
    '--all',
    '--preserve-digests',
    '--dest-tls-verify=false',
  ]
  await runOrFail('skopeo', [...options, `oci:${layout}`, `docker://${place}`])
}
