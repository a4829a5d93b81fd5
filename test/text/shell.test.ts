import { array, assert, asyncProperty, constantFrom, oneof, string } from 'fast-check'
import { expect, test } from 'vitest'
import { quoteForShell } from '../../src/text/shell.ts'
import { runOrFail } from '../support/processes.ts'

const WORDS = array(
  oneof(
    string({ unit: 'binary', maxLength: 30 }),
    constantFrom(
      "'",
      "''",
      '\\',
      "\\'",
      '$(exit 3)',
      '`exit 3`',
      '$HOME',
      '!x',
      '\n',
      '-n',
      '%s',
      '*',
      '~',
      '${IFS}',
    ),
  ),
  { minLength: 1, maxLength: 30 },
)

test.each(['dash', 'bash'])('%s takes a quoted word for what it was, whatever is in it', async (shell) => {
  await assert(
    asyncProperty(WORDS, async (words) => {
      const script = `printf '%s\\0' ${words.map(quoteForShell).join(' ')}`
      const printed = await runOrFail(shell, ['-c', script])
      const whole = words.map((word) => word.replaceAll('\0', ''))
      expect(printed).toBe(whole.map((word) => `${word}\0`).join(''))
    }),
    { numRuns: 25 },
  )
})
