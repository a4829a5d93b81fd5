import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { createChangeFeed, KEPT_CHANGES } from '../../../src/store/sqlite/changes.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { newName } from '../conformance/fixtures.ts'

const folder = mkdtempSync(join(tmpdir(), 'postern-changes-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => void vi.useRealTimers())

/** A log, somebody who writes to it and somebody who follows it. */
function setUp(changesBefore = 0) {
  const file = join(folder, `${newName()}.db`)
  const [writer, reader] = [openDatabase(file, 'normal'), openDatabase(file, 'normal')]
  const insert = writer.prepare('INSERT INTO token_changes (digest) VALUES (?)')
  const note = (...changed: readonly string[]): void => {
    writer.exec('BEGIN')
    for (const digest of changed) insert.run(digest)
    writer.exec('COMMIT')
  }
  note(...Array.from({ length: changesBefore }, (_, index) => `before-${index}`))
  const feed = createChangeFeed(reader)
  const told: (string | undefined)[] = []
  feed.watch((digest) => told.push(digest))
  const poll = (): (string | undefined)[] => {
    told.length = 0
    feed.poll()
    return told
  }
  return { writer, reader, feed, told, note, poll }
}

function digests(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `d${index}`)
}

describe('the feed of changes', () => {
  test.each([0, 3])('tells each change once and in order, after %i that were there before', (before) => {
    const { note, poll } = setUp(before)
    expect(poll()).toEqual([])
    note('a', 'b', 'a')
    expect(poll()).toEqual(['a', 'b', 'a'])
    expect(poll()).toEqual([])
    note('c')
    expect(poll()).toEqual(['c'])
  })

  test('tells of no change that was rolled back, and misses none after it', () => {
    const { writer, note, poll } = setUp(2)
    writer.exec("BEGIN; INSERT INTO token_changes (digest) VALUES ('undone'); ROLLBACK")
    note('kept')
    expect(poll()).toEqual(['kept'])
  })

  test('forgets everything when the log was cut before it was read', () => {
    const { writer, note, poll } = setUp(2)
    note('a', 'b', 'c')
    writer.exec("DELETE FROM token_changes WHERE digest <> 'c'")
    expect(poll()).toEqual([undefined])
    note('d')
    expect(poll()).toEqual(['d'])
  })

  test('is not disturbed when the log was emptied after it was read', () => {
    const { writer, note, poll } = setUp(2)
    note('a')
    poll()
    writer.exec('DELETE FROM token_changes')
    expect(poll()).toEqual([])
    note('b')
    expect(poll()).toEqual(['b'])
  })

  test('forgets everything, once, when it is too far behind to read on', () => {
    const { note, poll } = setUp()
    note(...digests(3 * KEPT_CHANGES))
    expect(poll()).toEqual([undefined])
    expect(poll()).toEqual([])
    note('next')
    expect(poll()).toEqual(['next'])
  })

  test('tells all of many changes that it can still read', () => {
    const { note, poll } = setUp()
    const all = digests(KEPT_CHANGES - 1)
    note(...all)
    expect(poll()).toEqual(all)
  })

  test('forgets everything when the log can not be read', () => {
    const { reader, poll } = setUp()
    reader.close()
    expect(poll()).toEqual([undefined])
  })
})

describe('a started feed', () => {
  test('tells of a change within 25 ms, and of none twice', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { feed, told, note, writer } = setUp(1)
    feed.start()
    note('a')
    vi.advanceTimersByTime(25)
    expect(told).toEqual(['a'])
    writer.exec("INSERT INTO api_keys (id, name, digest, created_at) VALUES ('k', 'k', 'k', 1)")
    vi.advanceTimersByTime(100)
    note('b', 'c')
    vi.advanceTimersByTime(25)
    expect(told).toEqual(['a', 'b', 'c'])
    feed.stop()
    note('d')
    vi.advanceTimersByTime(1_000)
    expect(told).toHaveLength(3)
  })

  test('tells of what was written between its look at the log and its beginning', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { feed, told, note } = setUp()
    note('early')
    feed.start()
    vi.advanceTimersByTime(25)
    feed.stop()
    expect(told).toEqual(['early'])
  })

  test('says that everything is to be forgotten when the log can not be read', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { feed, told, reader } = setUp()
    feed.start()
    vi.advanceTimersByTime(25)
    reader.close()
    vi.advanceTimersByTime(25)
    feed.stop()
    expect(told).toEqual([undefined])
  })
})
