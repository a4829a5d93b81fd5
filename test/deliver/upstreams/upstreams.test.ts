import { mkdir, rename, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createFilesDeliverer } from '../../../src/deliver/files.ts'
import { startCrudeServer } from '../../support/crude-server.ts'
import { freePort, temporaryDirectory, waitFor } from '../../support/processes.ts'
import { deliver, leavingClient, orderFor, refusalOf } from '../orders.ts'
import { answerWith } from '../storages.ts'
import { httpUpstream, several } from './rig.ts'

const ORDER = orderFor('a/file.bin')
const SILENT = (): void => undefined

function saying(text: string): (socket: Socket) => void {
  return answerWith('200 OK', { 'content-length': String(text.length), etag: `"${text}"` }, text)
}

async function dead(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}/`
}

async function textOf(deliverer: Parameters<typeof deliver>[0], order = ORDER): Promise<string> {
  return (await deliver(deliverer, order)).content.toString()
}

describe('another storage is asked', () => {
  test('when the first can’t be reached; the answer says which one it came from', async () => {
    await using second = await startCrudeServer(saying('second'))
    await using all = several([httpUpstream(await dead()), httpUpstream(second.url)])
    const { content, source } = await deliver(all.deliverer, ORDER)
    expect([content.toString(), source]).toEqual(['second', 1])
    expect(all.told).toEqual(['over 0'])
    expect(all.failures).toEqual([expect.stringContaining('ECONNREFUSED')])
  })

  test.each([502, 503, 504])('when the first answers %d', async (status) => {
    await using first = await startCrudeServer(answerWith(`${status} Away`, { 'content-length': '0' }))
    await using second = await startCrudeServer(saying('second'))
    await using all = several([httpUpstream(first.url), httpUpstream(second.url)])
    expect(await textOf(all.deliverer)).toBe('second')
  })

  test('when the first closes the connection before it answers', async () => {
    await using first = await startCrudeServer((socket) => socket.destroy())
    await using second = await startCrudeServer(saying('second'))
    await using all = several([httpUpstream(first.url), httpUpstream(second.url)])
    expect(await textOf(all.deliverer)).toBe('second')
  })

  test('when the first says nothing in its time, be that the wire’s or ours', async () => {
    await using first = await startCrudeServer(SILENT)
    await using second = await startCrudeServer(saying('second'))
    await using wire = several([httpUpstream(first.url, { headersTimeoutMs: 100 }), httpUpstream(second.url)])
    expect(await textOf(wire.deliverer)).toBe('second')
    await using ours = several([httpUpstream(first.url), httpUpstream(second.url)], { attemptMs: 100 })
    expect(await textOf(ours.deliverer)).toBe('second')
    expect(ours.failures).toEqual(['the storage did not answer within 100 ms'])
    await waitFor(() => first.open() === 0)
  })

  test('when the first is a folder that is gone', async () => {
    await using place = await temporaryDirectory('gone')
    const directory = join(place.path, 'mount')
    const folder = {
      create: (onFailure: (error: Error) => void) => createFilesDeliverer({ directory, onFailure }),
      check: undefined,
    }
    await using second = await startCrudeServer(saying('second'))
    await using all = several([folder, httpUpstream(second.url)])
    expect(await textOf(all.deliverer)).toBe('second')
    await mkdir(join(place.path, 'a/a'), { recursive: true })
    await writeFile(join(place.path, 'a/a/file.bin'), 'first')
    await rename(join(place.path, 'a'), directory)
    expect(await textOf(all.deliverer)).toBe('first')
  })
})

describe('no other storage is asked', () => {
  test.each(['404 Not Found', '410 Gone', '403 Forbidden'])('when the first answers %s', async (status) => {
    await using first = await startCrudeServer(answerWith(status, { 'content-length': '0' }))
    await using second = await startCrudeServer(saying('second'))
    await using all = several([httpUpstream(first.url), httpUpstream(second.url)])
    expect(await refusalOf(all.deliverer, ORDER)).toBe('not_found')
    expect(second.connections()).toBe(0)
  })

  test.each(['500 Broken', '401 Unauthorized', '429 Too Many'])(
    'when the first answers %s',
    async (status) => {
      await using first = await startCrudeServer(answerWith(status, { 'content-length': '0' }))
      await using second = await startCrudeServer(saying('second'))
      await using all = several([httpUpstream(first.url), httpUpstream(second.url)], { failures: 1 })
      expect(await refusalOf(all.deliverer, ORDER)).toBe('upstream_failed')
      expect(second.connections()).toBe(0)
      expect(all.told).toEqual([])
    },
  )

  test('when the first breaks off inside a body', async () => {
    await using first = await startCrudeServer((socket) => {
      answerWith('200 OK', { 'content-length': '10' }, 'half')(socket)
      socket.end()
    })
    await using second = await startCrudeServer(saying('second'))
    await using all = several([httpUpstream(first.url), httpUpstream(second.url)])
    const { content, sent } = await deliver(all.deliverer, ORDER)
    expect(content.toString()).toBe('half')
    expect(sent).toMatchObject({ upstreamFailed: true, complete: false })
    expect(second.connections()).toBe(0)
  })

  test('when the client has gone, which is nobody’s failure', async () => {
    await using first = await startCrudeServer(SILENT)
    await using second = await startCrudeServer(saying('second'))
    await using all = several([httpUpstream(first.url), httpUpstream(second.url)], { failures: 1 })
    const { onGone, leave } = leavingClient()
    const opening = all.deliverer.open({ ...ORDER, onGone })
    await waitFor(() => first.requests().length === 1)
    leave()
    expect(await opening).toMatchObject({ ok: false })
    expect(second.connections()).toBe(0)
    expect(all.deliverer.states()).toEqual(['up', 'up'])
    await waitFor(() => first.open() === 0)
  })
})

describe('a storage that fails', () => {
  test('is left alone after so many times, tried by one request at a time, and used first again', async () => {
    const state = { isWell: false, now: 0 }
    const held: Socket[] = []
    await using first = await startCrudeServer((socket) => {
      if (state.isWell) held.push(socket)
      else socket.destroy()
    })
    await using second = await startCrudeServer(saying('second'))
    const monotonic = (): number => state.now
    await using all = several([httpUpstream(first.url), httpUpstream(second.url)], {
      failures: 2,
      retryMs: 500,
      monotonic,
    })
    for (let times = 0; times < 4; times++) expect(await textOf(all.deliverer)).toBe('second')
    expect(all.told).toEqual(['over 0', 'down 0', 'over 0'])
    expect(all.deliverer.states()).toEqual(['down', 'up'])
    expect(all.deliverer.preferred()).toBe(1)
    state.isWell = true
    state.now += 500
    const trial = textOf(all.deliverer)
    await waitFor(() => held.length === 1)
    expect(await Promise.all([textOf(all.deliverer), textOf(all.deliverer)])).toEqual(['second', 'second'])
    expect(held).toHaveLength(1)
    saying('first')(held[0] as Socket)
    expect(await trial).toBe('first')
    expect(all.told.at(-1)).toBe('up 0')
    const after = textOf(all.deliverer)
    await waitFor(() => held.length === 2)
    saying('first')(held[1] as Socket)
    expect(await after).toBe('first')
  })

  test('is not tried by requests where it is checked, but by the checks', async () => {
    const state = { isWell: false }
    await using first = await startCrudeServer((socket, head) => {
      if (!state.isWell) socket.destroy()
      else if (head.startsWith('HEAD /well ')) answerWith('200 OK', { 'content-length': '4' })(socket)
      else saying('first')(socket)
    })
    await using second = await startCrudeServer(saying('second'))
    const check = { path: 'well', mustBeThere: true, intervalMs: 20, timeoutMs: 1000 }
    await using all = several([httpUpstream(first.url, {}, check), httpUpstream(second.url)], { retryMs: 0 })
    await waitFor(() => all.deliverer.states()[0] === 'down')
    expect(await textOf(all.deliverer)).toBe('second')
    expect(first.requests().every((head) => head.startsWith('HEAD /well HTTP/1.1'))).toBe(true)
    expect(all.told).toEqual(['down 0'])
    state.isWell = true
    await waitFor(() => all.deliverer.states()[0] === 'up')
    expect(await textOf(all.deliverer)).toBe('first')
    expect(all.told).toEqual(['down 0', 'up 0'])
  })

  test.each([
    {
      what: 'does not have the file of the check',
      answer: answerWith('404 Not Found', { 'content-length': '0' }),
    },
    { what: 'says nothing to it', answer: SILENT },
  ])('is one that $what', async ({ answer }) => {
    await using first = await startCrudeServer(answer)
    const check = { path: 'well', mustBeThere: true, intervalMs: 20, timeoutMs: 50 }
    await using all = several([httpUpstream(first.url, {}, check), httpUpstream(await dead())], {
      failures: 1,
    })
    await waitFor(() => all.deliverer.states()[0] === 'down')
    expect(all.told).toContain('down 0')
  })

  test('is none that answers a check for no file in particular with a 404', async () => {
    await using first = await startCrudeServer(answerWith('404 Not Found', { 'content-length': '0' }))
    const check = { path: '', mustBeThere: false, intervalMs: 5, timeoutMs: 1000 }
    await using all = several([httpUpstream(first.url, {}, check), httpUpstream(await dead())], {
      failures: 1,
    })
    await waitFor(() => first.requests().length > 3)
    expect(all.deliverer.states()).toEqual(['up', 'up'])
  })
})

describe('when all are dead', () => {
  test('that is what a single one would be: at once while nobody may be asked', async () => {
    await using hanging = await startCrudeServer(SILENT)
    const late = httpUpstream(hanging.url, { headersTimeoutMs: 50 })
    await using refusing = several([httpUpstream(await dead()), httpUpstream(await dead())], { failures: 1 })
    await using silent = several([late, late], { failures: 1 })
    for (let times = 0; times < 3; times++) {
      expect(await refusalOf(refusing.deliverer, ORDER)).toBe('upstream_failed')
      expect(await refusalOf(silent.deliverer, ORDER)).toBe('upstream_timeout')
    }
    expect(hanging.requests()).toHaveLength(2)
    expect(refusing.told).toEqual(['down 0', 'over 0', 'down 1'])
  })

  test('a client waits for all of them together no longer than is allowed', async () => {
    await using hanging = await startCrudeServer(SILENT)
    const many = Array.from({ length: 8 }, () => httpUpstream(hanging.url))
    await using all = several(many, { attemptMs: 150, totalMs: 400 })
    const since = performance.now()
    expect(await refusalOf(all.deliverer, ORDER)).toBe('upstream_timeout')
    expect(performance.now() - since).toBeGreaterThan(390)
    expect(performance.now() - since).toBeLessThan(5_000)
    expect(hanging.requests()).toHaveLength(3)
    await waitFor(() => hanging.open() === 0)
  })
})

test('a part of a file is not joined to another version of it: If-Range goes along to whichever is asked', async () => {
  const whole = saying('second')
  await using second = await startCrudeServer((socket, head) => {
    const isSame = /^if-range: "second"$/im.test(head)
    if (!isSame) return whole(socket)
    const range = { 'content-length': '3', 'content-range': 'bytes 3-5/6', etag: '"second"' }
    answerWith('206 Partial Content', range, 'ond')(socket)
  })
  await using all = several([httpUpstream(await dead()), httpUpstream(second.url)])
  const resume = (etag: string) =>
    orderFor('a/file.bin', { headers: { range: 'bytes=3-', 'if-range': etag } })
  expect(await deliver(all.deliverer, resume('"first"'))).toMatchObject({
    status: 200,
    extent: { start: 0, size: 6 },
  })
  expect(await deliver(all.deliverer, resume('"second"'))).toMatchObject({
    status: 206,
    extent: { start: 3 },
  })
})
