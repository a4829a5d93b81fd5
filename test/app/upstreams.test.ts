import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRouteBuilder } from '../../src/app/build-routes.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Deliverer } from '../../src/deliver/contract.ts'
import { FORMAT_RULES } from '../../src/request/formats/formats.ts'
import { BASE_URL, deliver, orderFor } from '../deliver/orders.ts'
import { freePort, temporaryDirectory, waitFor } from '../support/processes.ts'

const REPOSITORY = 'acme/a'

/** The deliverer of a repository as a configuration has it. */
async function configured(
  started: AsyncDisposableStack,
  fields: object,
): Promise<{ deliverer: Deliverer; told: string[] }> {
  const directory = started.use(await temporaryDirectory('upstreams'))
  const file = join(directory.path, 'postern.yaml')
  await writeFile(
    file,
    JSON.stringify({ repositories: { [REPOSITORY]: fields }, upstream: { headers_timeout: '5s' } }),
  )
  const loaded = loadConfig(file, {})
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes))
  const told: string[] = []
  const builder = createRouteBuilder({
    onFailure: () => undefined,
    onCacheResult: (result) => told.push(result),
    clock: Date.now,
    monotonic: () => performance.now(),
    random: Math.random,
    newId: () => 'id',
    serves: true,
    onUpstreamDown: (_, upstream, storage) => told.push(`${upstream} down: ${storage}`),
    onUpstreamUp: (_, upstream) => told.push(`${upstream} up`),
    onFailover: () => undefined,
  })
  started.defer(builder.close)
  const deliverer = builder.build(loaded.config).repositories.get(REPOSITORY)?.deliverer
  if (deliverer === undefined) throw new Error('it is not served')
  return { deliverer, told }
}

interface Server extends AsyncDisposable {
  readonly url: string
}

async function serve(answer: RequestListener): Promise<Server> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      if (server.listening) await once(server, 'close')
    },
  }
}

const CALM = { failover: { check_interval: '0s' } }

test('a document that names its storage is understood from each storage by its own name, from memory too', async () => {
  await using started = new AsyncDisposableStack()
  const pages = await serve(({ headers }, response) => {
    const page = `<a href="http://${headers.host}/mirror/py/files/tool-1.0.tar.gz">tool-1.0.tar.gz</a>`
    response
      .writeHead(200, {
        'content-type': 'text/html',
        'content-length': page.length,
        'cache-control': 'max-age=60',
      })
      .end(page)
  })
  started.use(pages)
  const dead = `http://127.0.0.1:${await freePort()}/python/`
  const upstream = [dead, `${pages.url}/mirror/py/`]
  const { deliverer, told } = await configured(started, { format: 'python', upstream, ...CALM })
  const order = orderFor('', { artifact: FORMAT_RULES.python.recognize('simple/tool/') })
  for (let times = 0; times < 3; times++) {
    const { content } = await deliver(deliverer, order)
    expect(content.toString()).toContain(`href="${BASE_URL}files/tool-1.0.tar.gz"`)
  }
  expect(told).toContain('hit')
})

test('a link leads to the bucket that has told of the file', async () => {
  await using started = new AsyncDisposableStack()
  const bucket: RequestListener = (_, response) =>
    response.writeHead(200, { 'content-length': 4, etag: '"a"' }).end('file')
  const [first, second] = [await serve(bucket), started.use(await serve(bucket))]
  const credentials = { access_key_id: 'AKIAEXAMPLE', secret_access_key: 'hunter2' }
  const entry = (name: string, { url }: Server) => ({
    url: `s3://${name}`,
    s3: { endpoint: url, public_endpoint: `https://${name}.example.com`, credentials },
  })
  const upstream = [entry('one', first), entry('two', second)]
  const { deliverer, told } = await configured(started, {
    format: 'raw',
    upstream,
    deliver: 'redirect',
    ...CALM,
  })
  const locationOf = async (): Promise<string> => {
    const answer = await deliver(deliverer, orderFor('tool.bin', { mayBeSentTo: () => true }))
    expect(answer).toMatchObject({ status: 302, extent: { size: 4 } })
    return answer.header('location') ?? ''
  }
  expect(await locationOf()).toMatch(/^https:\/\/one\.example\.com\/one\/tool\.bin\?/)
  await first[Symbol.asyncDispose]()
  for (let times = 0; times < 4; times++) {
    expect(await locationOf()).toMatch(/^https:\/\/two\.example\.com\/two\/tool\.bin\?/)
  }
  expect(told).toContainEqual(`1 down: s3://one at ${first.url}`)
})

test('a bucket that is asked too often is asked again where it is the only one, and left for the next where there is one', async () => {
  await using started = new AsyncDisposableStack()
  const reason = '<Error><Code>SlowDown</Code></Error>'
  let asked = 0
  const busy = started.use(
    await serve((_, response) => {
      asked += 1
      response.writeHead(503, { 'content-length': reason.length }).end(reason)
    }),
  )
  const well = started.use(
    await serve((_, response) => response.writeHead(200, { 'content-length': 4, etag: '"a"' }).end('file')),
  )
  const credentials = { access_key_id: 'AKIAEXAMPLE', secret_access_key: 'hunter2' }
  const entry = ({ url }: Server) => ({ url: 's3://one', s3: { endpoint: url, credentials } })
  const alone = await configured(started, { format: 'raw', upstream: [entry(busy)], cache: false })
  expect(await alone.deliverer.open(orderFor('tool.bin'))).toMatchObject({
    code: 'upstream_failed',
    facts: { retryAfter: 5 },
  })
  expect(asked).toBe(2)
  const upstream = [entry(busy), entry(well)]
  const both = await configured(started, { format: 'raw', upstream, cache: false, ...CALM })
  const { content } = await deliver(both.deliverer, orderFor('tool.bin'))
  expect([content.toString(), asked]).toEqual(['file', 3])
})

test('a bucket for which there are no credentials is left for the next', async () => {
  await using started = new AsyncDisposableStack()
  const well = started.use(
    await serve((_, response) => response.writeHead(200, { 'content-length': 4, etag: '"a"' }).end('file')),
  )
  const credentials = {
    from: 'web_identity',
    role_arn: 'arn:aws:iam::1:role/a',
    token_file: '/nowhere/token',
  }
  const s3 = { endpoint: well.url, credentials: { ...credentials, sts_endpoint: well.url } }
  const upstream = [{ url: 's3://one', s3 }, well.url]
  const both = await configured(started, { format: 'raw', upstream, cache: false, ...CALM })
  const { content } = await deliver(both.deliverer, orderFor('tool.bin'))
  expect(content.toString()).toBe('file')
})

test('each upstream is checked, and what the log is told of one that is down holds no path', async () => {
  await using started = new AsyncDisposableStack()
  const asked: string[] = []
  const storage = started.use(
    await serve(({ method, url = '' }, response) => {
      asked.push(`${method} ${url}`)
      response.writeHead(404).end()
    }),
  )
  const dead = `http://127.0.0.1:${await freePort()}`
  const failover = { check_interval: '20ms', failures: 1 }
  const { told } = await configured(started, {
    format: 'raw',
    upstream: [storage.url, `${dead}/hunter2/`],
    failover,
  })
  await waitFor(() => told.length > 0 && asked.length > 2)
  expect(told).toEqual([`2 down: ${dead}`])
  expect(new Set(asked)).toEqual(new Set(['HEAD /']))
})
