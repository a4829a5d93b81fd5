import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { writeManyTokens } from '../../test/backup/many-tokens.ts'
import { SERVER_KEY } from '../../test/backup/places.ts'
import { temporaryDirectory } from '../../test/support/processes.ts'
import { startRedis } from '../../test/support/redis.ts'

/** How long a backup, a check and a restore of so many tokens take, and how much memory: `node bench/backup/backup-main.ts [tokens]`. */
const TOKENS = Number(process.argv[2] ?? 100_000)
const MAIN = join(import.meta.dirname, '../../src/main.ts')
const TELL_MEMORY =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("maxrss "+process.resourceUsage().maxRSS))'

await using folder = await temporaryDirectory('bench-backup')
await using server = await startRedis()
const first = join(folder.path, 'first.gz')
await writeManyTokens(first, TOKENS)

const sqlite = await configure('sqlite', `sqlite:${join(folder.path, 'postern.db')}`)
const redis = await configure('redis', `redis://127.0.0.1:${server.port}`)

console.log(`${TOKENS} tokens, Node ${process.versions.node}`)
await measure('restore into SQLite', ['restore', first, '--config', sqlite])
await measure('backup of SQLite', ['backup', join(folder.path, 'sqlite.gz'), '--config', sqlite])
await measure('restore into Redis', ['restore', join(folder.path, 'sqlite.gz'), '--config', redis])
await measure('backup of Redis', ['backup', join(folder.path, 'redis.gz'), '--config', redis])
await measure('check', ['backup', '--verify', join(folder.path, 'redis.gz'), '--config', redis])
console.log(`SQLite file: ${megabytes((await stat(join(folder.path, 'postern.db'))).size)}`)
console.log(await server.command('INFO', 'memory').then((info) => /used_memory_human:.*/.exec(info)?.[0]))

async function configure(name: string, store: string): Promise<string> {
  const config = join(folder.path, name, 'postern.yaml')
  await mkdir(join(folder.path, name))
  const repositories = 'repositories: { acme/files: { format: raw, upstream: "http://127.0.0.1:9/" } }'
  await writeFile(config, `store: ${store}\nsecret_key: ${SERVER_KEY}\n${repositories}\n`)
  return config
}

async function measure(what: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ['--import', TELL_MEMORY, MAIN, ...args, '--json'])
  const [output, said] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (child.exitCode !== 0) throw new Error(said)
  const { seconds, bytes } = JSON.parse(output) as { readonly seconds: number; readonly bytes: number }
  const memory = 1024 * Number(/maxrss (\d+)/.exec(said)?.[1])
  console.log(`${what}: ${seconds} s, file ${megabytes(bytes)}, memory ${megabytes(memory)}`)
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
