import { beforeEach, expect, test } from 'vitest'
import { fieldsOf, useApi } from './api.ts'

const purges: unknown[] = []
const api = useApi({ purgeCache: (what) => purges.push(what) + 6 })
beforeEach(() => void purges.splice(0))

test.each<[object | undefined, object]>([
  [undefined, { repository: undefined, path: undefined }],
  [{}, { repository: undefined, path: undefined }],
  [
    { repository: null, path: null },
    { repository: undefined, path: undefined },
  ],
  [{ repository: 'acme/stable' }, { repository: 'acme/stable', path: undefined }],
  [
    { repository: 'acme/stable', path: '' },
    { repository: 'acme/stable', path: undefined },
  ],
  [
    { repository: 'acme/stable', path: '/dists/stable/' },
    { repository: 'acme/stable', path: 'dists/stable' },
  ],
])('a purge with %j forgets what it names and tells how much that was', async (body, what) => {
  for (const path of ['/cache/purge/', '/v1/cache/purge']) {
    expect(await api.call('POST', path, body)).toMatchObject({ status: 200, body: { purged: 7 } })
    expect(purges.splice(0)).toEqual([what])
  }
})

test.each<[object, string]>([
  [{ repository: 'acme/nothing' }, 'repository'],
  [{ repository: 'toString' }, 'repository'],
  [{ repository: 7 }, 'repository'],
  [{ path: 'dists' }, 'repository'],
  [{ repository: 'acme/stable', path: ['x'] }, 'path'],
  [{ repository: 'acme/stable', path: 'x'.repeat(9_000) }, 'path'],
  [{ repo: 'acme/stable' }, 'non_field_errors'],
])('a purge with %j is refused and forgets nothing', async (body, field) => {
  expect(Object.keys(fieldsOf(await api.call('POST', '/cache/purge/', body)))).toEqual([field])
  expect(purges).toEqual([])
})

test('a purge needs a key and a POST', async () => {
  expect((await api.send('/cache/purge/', { method: 'POST' })).status).toBe(401)
  expect((await api.call('GET', '/cache/purge/')).status).toBe(405)
  expect(purges).toEqual([])
})
