import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { acceptsConnections, startOnFreePort, startServer } from './processes.ts'

/** A real HAProxy that passes connections on, byte by byte. */
export interface Haproxy extends AsyncDisposable {
  /** `http://127.0.0.1:port`, no trailing slash. */
  readonly url: string
}

/** `server`: a line of its configuration that says to whom, and how. */
export function startHaproxy(folder: string, server: string): Promise<Haproxy> {
  return startOnFreePort(async (port) => {
    const file = join(folder, `haproxy-${port}.cfg`)
    const timeouts = ['connect', 'client', 'server'].map((name) => `  timeout ${name} 20s`).join('\n')
    await writeFile(
      file,
      `defaults
  mode tcp
${timeouts}
listen gate
  bind 127.0.0.1:${port}
  ${server}
`,
    )
    const process = await startServer('haproxy', ['-db', '-f', file], {
      isReady: () => acceptsConnections(port),
    })
    return {
      url: `http://127.0.0.1:${port}`,
      [Symbol.asyncDispose]: async () => void (await process.stop('SIGKILL')),
    }
  })
}
