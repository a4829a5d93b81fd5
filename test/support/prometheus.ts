import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { acceptsConnections, startOnFreePort, startServer, temporaryDirectory } from './processes.ts'

/** What lies ready for vendors. */
export const PROMETHEUS_FILES: string = join(import.meta.dirname, '../../config/prometheus')
export const RULE_FILES = ['recording.rules.yml', 'alerts.rules.yml'] as const

/** A series of an instant: its labels, and its value now. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'pending' | 'firing'
}

/** A real Prometheus that scrapes as the job `postern`, with the rules that are shipped. */
export interface Prometheus extends AsyncDisposable {
  /** What an expression has now. Rejects for one that Prometheus does not understand. */
  readonly query: (expression: string) => Promise<readonly Sample[]>
  readonly alerts: () => Promise<readonly Alert[]>
}

/** Scrapes `targets` (host:port), and evaluates the rules, each second. */
export async function startPrometheus(targets: readonly string[]): Promise<Prometheus> {
  const directory = await temporaryDirectory('prometheus')
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: RULE_FILES,
    scrape_configs: [{ job_name: 'postern', static_configs: [{ targets }] }],
  }
  for (const file of RULE_FILES) await copyFile(join(PROMETHEUS_FILES, file), join(directory.path, file))
  // JSON is YAML.
  await writeFile(join(directory.path, 'prometheus.yml'), JSON.stringify(config))
  const { server, url } = await startOnFreePort(async (port) => {
    const args = [
      `--config.file=${directory.path}/prometheus.yml`,
      `--storage.tsdb.path=${directory.path}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ]
    const own = `http://127.0.0.1:${port}`
    const isReady = async (): Promise<boolean> =>
      (await acceptsConnections(port)) && (await fetch(`${own}/-/ready`)).status === 200
    return { server: await startServer('prometheus', args, { cwd: directory.path, isReady }), url: own }
  })
  const ask = async (path: string): Promise<Record<string, unknown>> => {
    const response = await fetch(`${url}/api/v1/${path}`)
    const answer = (await response.json()) as {
      status: string
      error?: string
      data: Record<string, unknown>
    }
    if (answer.status !== 'success') throw new Error(`Prometheus refuses ${path}: ${answer.error}`)
    return answer.data
  }
  return {
    query: async (expression) => {
      const { result } = await ask(`query?query=${encodeURIComponent(expression)}`)
      const series = result as { metric: Record<string, string>; value: [number, string] }[]
      return series.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
    },
    alerts: async () => (await ask('alerts'))['alerts'] as readonly Alert[],
    [Symbol.asyncDispose]: async () => {
      await server.stop()
      await directory.remove()
    },
  }
}
