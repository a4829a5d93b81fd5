import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startGate, type Gate, type GateToken } from '../../support/gate.ts'
import { temporaryDirectory } from '../../support/processes.ts'
import { startRedis } from '../../support/redis.ts'

/** A gate of two workers whose repositories have license agreements. */
export interface EulaScene extends AsyncDisposable {
  readonly gate: Gate
  /** Puts another revision into force, in every worker. */
  readonly revise: (repository: string, revision: number) => Promise<void>
  readonly urlOf: (token: GateToken, path: string) => string
}

export const TERMS = 'You may run <b>it</b>.\nNothing else & nowhere else.\n'

export async function startEulaScene(store: 'sqlite' | 'redis'): Promise<EulaScene> {
  await using started = new AsyncDisposableStack()
  const folder = started.use(await temporaryDirectory('eula'))
  await mkdir(join(folder.path, 'files'))
  await writeFile(join(folder.path, 'files/tool-1.0.txt'), 'tool')
  await writeFile(join(folder.path, 'eula.txt'), TERMS)
  const redis = store === 'redis' ? started.use(await startRedis()) : undefined
  const repository = { format: 'raw', upstream: `file:${folder.path}/files` } as const
  const eula = { revision: 2, text: `${folder.path}/eula.txt` }
  const config = {
    workers: 2,
    secret_key: 'k'.repeat(32),
    store: redis === undefined ? `sqlite:${folder.path}/postern.db` : `redis://127.0.0.1:${redis.port}`,
    repositories: {
      'acme/marked': { ...repository, eula },
      'acme/all': {
        ...repository,
        eula: { ...eula, required_of: 'all_tokens', url: 'https://acme.example/eula' },
      },
      'acme/none': repository,
    },
  }
  const gate = started.use(await startGate({ config }))
  const kept = started.move()
  return {
    gate,
    urlOf: ({ token }, path) => `${gate.url}/${token}/${path}`,
    revise: async (name, revision) => {
      const before = JSON.parse(await gate.readConfig()) as typeof config
      const all = before.repositories as Record<string, { eula?: { revision: number } }>
      const next = { ...all, [name]: { ...all[name], eula: { ...all[name]?.eula, revision } } }
      await writeFile(gate.configFile, JSON.stringify({ ...before, repositories: next }))
      process.kill(gate.pid, 'SIGHUP')
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
