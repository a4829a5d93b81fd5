import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { startGate, type GateToken } from '../support/gate.ts'
import { temporaryDirectory, waitFor } from '../support/processes.ts'
import { get } from '../support/requests.ts'

const REPOSITORY = 'acme/tools'
const SIZE = 1_000
const FAR = { limit_num_downloads: 100, limit_bandwidth: 1_000_000, limit_bandwidth_unit: 'Byte' }

/** As S3 writes it. */
function s3Line(id: string, status: number, bytes: number | '-'): string {
  const request = `GET /packages/tools/tool.bin?X-Amz-Expires=30&x-postern-id=${id}&X-Amz-Signature=0 HTTP/1.1`
  return `79a5 packages [29/Nov/2026:12:00:00 +0000] 192.0.2.3 - 3E57 REST.GET.OBJECT tools/tool.bin "${request}" ${status} - ${bytes} 1000 70 10 "-" "curl \\"x" -`
}

/** As CloudFront writes a file. */
function cloudFrontFile(...lines: readonly (readonly [id: string, status: number, sent: number])[]): Buffer {
  const fields = 'date time sc-bytes c-ip cs-method cs-uri-stem sc-status cs-uri-query sc-content-len'
  const rows = lines.map(([id, status, sent]) =>
    [
      '2026-11-29',
      '12:00:00',
      sent + 300,
      '192.0.2.3',
      'GET',
      '/tool.bin',
      status,
      `x-postern-id=${id}`,
      sent,
    ].join('\t'),
  )
  return gzipSync([`#Version: 1.0`, `#Fields: ${fields}`, ...rows, ''].join('\n'))
}

test('the log of the storage corrects what links were charged, once, when all of it has come', async () => {
  await using directory = await temporaryDirectory('links')
  const logs = join(directory.path, 'logs')
  await mkdir(logs)
  const bucket = createServer((_, response) => void response.writeHead(200, { 'content-length': SIZE }).end())
  bucket.listen(0, '127.0.0.1')
  await once(bucket, 'listening')
  const s3 = {
    endpoint: `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`,
    credentials: { access_key_id: 'AKIAEXAMPLE', secret_access_key: 'hunter2' },
  }
  const upstream = 's3://packages/tools'
  await using gate = await startGate({
    config: {
      workers: 2,
      repositories: { [REPOSITORY]: { format: 'raw', upstream, deliver: 'redirect', s3 } },
      offload: { logs: [`folder:${logs}`], links_within: '12s', state: join(directory.path, 'state.json') },
    },
  })
  const follow = async (): Promise<readonly [GateToken, string]> => {
    const token = await gate.createToken(REPOSITORY, FAR)
    const { headers } = await get(`${gate.url}/${token.token}/${REPOSITORY}/tool.bin`)
    return [token, new URL(String(headers['location'])).searchParams.get('x-postern-id') ?? '']
  }
  const usageOf = async ({ slug_perm: slugPerm }: GateToken) => {
    const { downloads, clients, bandwidth } = await gate.readToken(REPOSITORY, slugPerm)
    return { downloads, clients, bandwidth }
  }
  const [once_, cut, absent, thrice, unknown, changed, byCloudFront] = await Promise.all(
    Array.from({ length: 7 }, follow),
  )
  if (!once_ || !cut || !absent || !thrice || !unknown || !changed || !byCloudFront) throw new Error()
  const whole = { downloads: 1, clients: 1, bandwidth: SIZE }
  expect(await usageOf(absent[0])).toEqual(whole)
  await mkdir(join(logs, '2026/11'), { recursive: true })
  const lines = [
    s3Line(once_[1], 200, SIZE),
    s3Line(cut[1], 200, 100),
    s3Line(absent[1], 404, '-'),
    s3Line(thrice[1], 200, SIZE),
    s3Line(thrice[1], 206, 500),
    s3Line(thrice[1], 200, SIZE),
    s3Line(changed[1], 403, 243),
    s3Line('nobody0123', 200, SIZE),
    'nonsense',
  ]
  await writeFile(join(logs, '2026/11/2026-11-29-12-00-00-3E57'), lines.join('\n'))
  await writeFile(join(logs, 'E1.2026-11-29-12.gz'), cloudFrontFile([byCloudFront[1], 200, 200]))
  await waitFor(async () => (await usageOf(absent[0])).downloads === 0, {
    what: 'the time for lines to be over',
    timeoutMs: 60_000,
  })
  const after = async (link: readonly [GateToken, string]) => usageOf(link[0])
  await expect.poll(() => after(byCloudFront)).toEqual({ ...whole, bandwidth: 200 })
  await expect.poll(() => after(thrice)).toEqual({ ...whole, downloads: 2, bandwidth: 2_500 })
  expect(await after(once_)).toEqual(whole)
  expect(await after(cut)).toEqual({ ...whole, bandwidth: 100 })
  expect(await after(absent)).toEqual({ downloads: 0, clients: 0, bandwidth: 0 })
  // Nobody tells of it; and a link that a client has spoilt says nothing.
  expect(await after(unknown)).toEqual(whole)
  expect(await after(changed)).toEqual(whole)
  const figures = async (): Promise<string[]> =>
    (await (await fetch(`${gate.adminUrl}/metrics`)).text()).match(/^postern_offloads_.*$/gm) ?? []
  await expect
    .poll(figures)
    .toEqual([
      'postern_offloads_pending{way="link"} 0',
      'postern_offloads_settled_total{way="link"} 5',
      'postern_offloads_given_up_total{way="link"} 2',
    ])
  bucket.closeAllConnections()
  bucket.close()
}, 120_000)
