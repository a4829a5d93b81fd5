import { expect, test } from 'vitest'
import { startGate } from '../../support/gate.ts'
import { temporaryDirectory } from '../../support/processes.ts'
import { startRedis } from '../../support/redis.ts'
import { get } from '../../support/requests.ts'
import { imageOf, layerOf } from '../../support/image.ts'
import { startImageServer } from '../../support/image-server.ts'

test('an image is pulled from greeting to blob while the store is away', async () => {
  await using redis = await startRedis()
  await using images = await startImageServer()
  await using directory = await temporaryDirectory('journal')
  const image = imageOf({ layers: [layerOf('x', 1_000)] })
  images.put('tool', image, '1.0')
  const upstream = images.url
  await using gate = await startGate({
    config: {
      store: `redis://127.0.0.1:${redis.port}`,
      secret_key: 'a key that all of the hosts have been given',
      journal: { folder: `${directory.path}/journal` },
      repositories: {
        'acme/docker': { format: 'docker', upstream, when_store_fails: 'serve_cached' },
        'acme/files': { format: 'raw', upstream },
      } as never,
    },
  })
  const { token } = await gate.createToken('acme/docker', { limit_num_downloads: 10 })
  const headers = { authorization: `Bearer ${token}` }
  const blobs = [...image.blobs.keys()].slice(1).map((digest) => `/acme/docker/tool/blobs/${digest}`)
  const paths = ['/', '/acme/docker/tool/manifests/1.0', ...blobs]
  const pull = async (): Promise<number[]> => {
    const answers = paths.map(async (path) => (await get(`${gate.url}/v2${path}`, { headers })).status)
    return Promise.all(answers)
  }
  expect(await pull()).toEqual(paths.map(() => 200))
  await redis.stop('SIGKILL')
  expect(await pull()).toEqual(paths.map(() => 200))
  const unknown = await get(`${gate.url}/v2/`, { headers: { authorization: 'Bearer ptkNobodysToken' } })
  expect(unknown.status).toBe(503)
})
