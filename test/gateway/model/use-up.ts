import { expect } from 'vitest'
import type { Gate } from '../../support/gate.ts'
import { get } from '../../support/requests.ts'
import { fresh } from './artifacts.ts'
import { REPOSITORY } from '../pair.ts'
import { FAR, type ModelToken, type Used } from './tokens.ts'

/** Beyond a limit. */
const TOO_MANY = 3

/** Of tokens with one limit, uses what is left of it to the last piece, many at once, and expects that it ends there. */
export async function useUp(
  gate: Gate,
  tokens: readonly ModelToken[],
  used: ReadonlyMap<string, Used>,
): Promise<void> {
  for (const token of tokens) {
    const [[name, limit = 0] = [], ...others] = Object.entries(token.limits).filter(
      (entry) => typeof entry[1] === 'number',
    )
    const usage = used.get(token.slug)
    if (name === undefined || usage === undefined || others.length > 0 || limit >= FAR) continue
    if (name === 'limit_num_downloads') await takeDownloads(gate, token, limit - usage.downloads)
    if (name === 'limit_num_clients') await bringClients(gate, token, limit - usage.clients)
    if (name === 'limit_bandwidth') await takeBytes(gate, token, limit - usage.bandwidth)
    const field = name.replace('limit_num_', '').replace('limit_', '')
    expect(await gate.readToken(REPOSITORY, token.slug)).toMatchObject({ [field]: limit })
  }
}

async function statusOf(
  gate: Gate,
  { secret }: ModelToken,
  name: string,
  size: number,
  client: string,
): Promise<number> {
  const { path } = fresh(`last-${name}`, size)
  const headers = { 'X-Forwarded-For': client }
  return (await get(`${gate.url}/${secret}/${REPOSITORY}/${path}`, { headers })).status
}

async function takeDownloads(gate: Gate, token: ModelToken, left: number): Promise<void> {
  const asked = Array.from({ length: left + TOO_MANY }, (_, at) =>
    statusOf(gate, token, `${at}`, 900, '203.0.113.1'),
  )
  expect((await Promise.all(asked)).filter((status) => status === 200)).toHaveLength(left)
}

async function bringClients(gate: Gate, token: ModelToken, left: number): Promise<void> {
  const asked = Array.from({ length: left + TOO_MANY }, (_, at) =>
    statusOf(gate, token, `${at}`, 900, `203.0.113.${at}`),
  )
  expect((await Promise.all(asked)).filter((status) => status === 200)).toHaveLength(left)
}

async function takeBytes(gate: Gate, token: ModelToken, left: number): Promise<void> {
  const statuses: number[] = []
  for (const size of [left + 1, left, 1])
    statuses.push(await statusOf(gate, token, 'bytes', size, '203.0.113.1'))
  // Of nothing that is left, an empty file is all.
  expect(statuses).toEqual([403, 200, 403])
}
