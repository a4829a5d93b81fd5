import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLog } from '../../src/telemetry/log.ts'
import type { LogDestination } from '../../src/telemetry/line-queue.ts'
import { fitLine, inWholeLines } from '../../src/telemetry/shared-output.ts'
import { observation } from './observations.ts'

const LOG = new URL('../../src/telemetry/log.ts', import.meta.url).href
const asItIs = (line: string): string => line

/** Writes `bytes` as the queue does: again and again until all is taken. Gives the pieces. */
function piecesOf(bytes: Uint8Array): Buffer[] {
  const pieces: Buffer[] = []
  const destination: LogDestination = (piece, done) => {
    pieces.push(Buffer.from(piece))
    done(null, piece.length)
  }
  for (let rest = bytes; rest.length > 0;) {
    inWholeLines(destination)(rest, (_error, written) => {
      rest = rest.subarray(written)
    })
  }
  return pieces
}

test('each write is whole lines and at most 4096 bytes, and nothing is lost or changed', () => {
  const lines = fc.array(
    fc.string({ unit: 'grapheme', maxLength: 1500 }).map((line) => `${line.replaceAll('\n', '')}\n`),
  )
  fc.assert(
    fc.property(lines, (all) => {
      const bytes = Buffer.from(all.join(''))
      const pieces = piecesOf(bytes)
      expect(Buffer.concat(pieces)).toEqual(bytes)
      for (const piece of pieces) {
        expect(piece.at(-1)).toBe(10)
        expect(piece.length <= 4096 || piece.indexOf(10) === piece.length - 1).toBe(true)
      }
    }),
  )
})

test('a line that fits stays as it is', () => {
  const line = `${JSON.stringify({ path: 'x'.repeat(4000) })}\n`
  expect(fitLine(line, asItIs)).toBe(line)
})

test('the texts of a longer line are cut, and it is still JSON with all its fields', () => {
  const line = `${JSON.stringify({ a: 'x'.repeat(9000), b: 1, c: { d: 'short', e: 'ü'.repeat(3000) } })}\n`
  const shorter = fitLine(line, asItIs)
  expect(Buffer.byteLength(shorter)).toBeLessThanOrEqual(4096)
  expect(JSON.parse(shorter)).toEqual({
    a: `${'x'.repeat(1000)}…`,
    b: 1,
    c: { d: 'short', e: `${'ü'.repeat(1000)}…` },
  })
})

test('no request makes a line that does not fit', () => {
  let written = ''
  const log = createLog({
    level: 'info',
    isShared: true,
    worker: 3,
    destination: (bytes, done) => {
      written += Buffer.from(bytes).toString()
      done(null, bytes.length)
    },
  })
  for (const unit of ['x', '\u0007', '\u202e', '😀', '"']) {
    const long = unit.repeat(16_000)
    log.access(
      observation({
        userAgent: long,
        artifact: { format: 'deb', kind: 'package', path: long, filename: long, name: long, version: long },
      }),
    )
  }
  const lines = written.trimEnd().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { worker: number }).worker)).toEqual([3, 3, 3, 3, 3])
  expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThan(4096)
})

test('several processes write to one slow pipe, and no line is torn', async () => {
  const code = `
    import { createLog } from '${LOG}'
    const log = createLog({ level: 'info', isShared: true, worker: Number(process.argv[1]) })
    for (let i = 0; i < 3000; i++) log.info('x'.repeat(i % 1500), { i })
    await log.flush(20_000)`
  const sources = [1, 2, 3].map((worker) => {
    const args = ['--input-type=module', '--eval', code, String(worker)]
    return `"${process.execPath}" ${args.map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(' ')} &`
  })
  // A real pipe (what Node calls one is a socket), and a reader that is slower than the writers.
  const command = `{ ${sources.join('\n')}\nwait; } | dd bs=512 status=none`
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] })
  const output = await text(child.stdout)
  const seen = new Set(
    output
      .trimEnd()
      .split('\n')
      .map((line) => {
        const { worker, i } = JSON.parse(line) as { worker: number; i: number }
        return `${worker} ${i}`
      }),
  )
  expect(seen.size).toBe(9000)
})
