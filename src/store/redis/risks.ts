import { Cluster } from 'ioredis'
import type { Client } from './connection.ts'

/** What about the servers' settings could lose charges, as sentences for an operator. Settings that may not be read are passed over. */
export async function findRisks(client: Client): Promise<readonly string[]> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client]
  const risks = await Promise.all(nodes.map(async (node) => judge(await readSettings(node))))
  return [...new Set(risks.flat())]
}

type Settings = ReadonlyMap<string, string>

async function readSettings(node: Exclude<Client, Cluster>): Promise<Settings> {
  const settings = new Map<string, string>()
  for (const name of ['appendonly', 'appendfsync', 'save', 'maxmemory', 'maxmemory-policy']) {
    try {
      // CONFIG is often forbidden, or not offered by those who host servers for others.
      const answer = (await node.config('GET', name)) as readonly string[]
      if (answer[1] !== undefined) settings.set(name, answer[1])
    } catch {
      return settings
    }
  }
  return settings
}

function judge(settings: Settings): readonly string[] {
  const risks: string[] = []
  if (settings.get('appendonly') === 'no') {
    const isSaved = settings.get('save') !== ''
    risks.push(
      isSaved
        ? 'Redis keeps snapshots only: a crash loses the charges since the last one. Set appendonly yes'
        : 'Redis keeps nothing on disk: a restart loses every token and every charge. Set appendonly yes',
    )
  } else if (settings.get('appendfsync') === 'no') {
    risks.push('Redis leaves writing to the system: a loss of power loses charges. Set appendfsync always')
  }
  const policy = settings.get('maxmemory-policy') ?? 'noeviction'
  if (policy !== 'noeviction' && settings.get('maxmemory') !== '0') {
    risks.push(`Redis may drop tokens and charges when its memory is full (${policy}). Set noeviction`)
  }
  return risks
}
