import { packageAsk, type Workload } from './workload.ts'
import { makeBody, writeLinked } from './write-file.ts'

/** Enough files that connections rarely ask for the same one at once. */
const SETS = [
  { name: '1 KB', bytes: 1_024, files: 256, connections: 64 },
  { name: '100 KB', bytes: 102_400, files: 128, connections: 64 },
  { name: '10 MB', bytes: 10_485_760, files: 32, connections: 16 },
] as const

/** Packages of three sizes, in the storage's folder `root`. Each set has files of one content. */
export async function writeSizes(root: string): Promise<readonly [Workload, Workload, Workload]> {
  const [small, middle, large] = SETS
  return [await writeSet(root, small), await writeSet(root, middle), await writeSet(root, large)]
}

async function writeSet(
  root: string,
  { name, bytes, files, connections }: (typeof SETS)[number],
): Promise<Workload> {
  const body = makeBody(bytes)
  const paths = Array.from({ length: files }, (_, index) => pathOf(`bench-${bytes}-${index}`))
  await writeLinked(root, paths, body)
  return { name, asks: paths.map((path) => packageAsk(path, body)), connections, walk: 'all' }
}

function pathOf(name: string): string {
  return `pool/main/b/${name}/${name}_1.0-1_amd64.deb`
}

/** The same packages, `count` requests that each come with another token. */
export function withTokens({ asks, connections }: Workload, name: string, count: number): Workload {
  const tokens = Array.from({ length: count }, (_, token) => token)
  const spread = tokens.flatMap((token) => {
    const ask = asks[token % asks.length]
    return ask === undefined ? [] : [{ ...ask, token }]
  })
  return { name, asks: spread, connections, walk: 'share' }
}
