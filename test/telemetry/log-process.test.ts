import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const LOG = new URL('../../src/telemetry/log.ts', import.meta.url).href

/** What `child` says on standard error until it ends, and how that was. */
async function ending(child: ChildProcess) {
  const said = child.stderr === null ? '' : text(child.stderr)
  const [errors, [exitCode, signal]] = await Promise.all([said, once(child, 'exit')])
  return { errors, exitCode: exitCode as unknown, signal: signal as unknown }
}

/** Runs `code` in a process of its own with `log`, its standard output as given. */
function start(code: string, stdout: 'pipe' | number) {
  const script = `import { createLog } from '${LOG}'\nconst log = createLog({ level: 'info' })\n${code}`
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', stdout, 'pipe'],
  })
}

test('what was logged before the end is written', async () => {
  const child = start(`for (let i = 0; i < 1000; i++) log.info('line ' + i); await log.flush()`, 'pipe')
  const output = child.stdout === null ? '' : await text(child.stdout)
  expect(output.split('\n')).toHaveLength(1001)
})

test('a process goes on when its standard output is closed', async () => {
  const code = `
    const { setTimeout: pause } = await import('node:timers/promises')
    log.info('first')
    for (let i = 0; i < 50; i++) { await pause(2); log.info('again') }
    console.error('flushed', await log.flush())`
  const child = start(code, 'pipe')
  child.stdout?.destroy()
  const { errors, exitCode } = await ending(child)
  expect(errors).toBe('flushed false\n')
  expect(exitCode).toBe(0)
})

test('a reader that is stuck holds up neither the process nor its end', async () => {
  const code = `
    for (let i = 0; i < 200; i++) for (let j = 0; j < 100; j++) log.info('x'.repeat(900))
    console.error('flushed', await log.flush(50))
    process.kill(process.pid, 'SIGKILL')`
  const child = start(code, 'pipe')
  const { errors, signal } = await ending(child)
  expect(errors).toBe('flushed false\n')
  expect(signal).toBe('SIGKILL')
})

test.runIf(process.platform === 'linux')('a full disk ends nothing', async () => {
  const full = openSync('/dev/full', 'w')
  const child = start(`log.info('a'); console.error('flushed', await log.flush())`, full)
  closeSync(full)
  const { errors, exitCode } = await ending(child)
  expect(errors).toBe('flushed false\n')
  expect(exitCode).toBe(0)
})
