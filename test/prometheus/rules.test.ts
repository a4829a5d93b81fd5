import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { PROMETHEUS_FILES, RULE_FILES } from '../support/prometheus.ts'
import { run } from '../support/processes.ts'

/** Rules and alerts for Prometheus, as its own tool judges them. */

test('Prometheus understands every rule, and finds nothing odd in them', async () => {
  const result = await run('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', ...RULE_FILES], {
    cwd: PROMETHEUS_FILES,
  })
  expect(result).toMatchObject({ code: 0, output: expect.not.stringContaining('FAILED') })
})

test('the scrape that is shown is one, with the rules beside it', async () => {
  const result = await run('promtool', ['check', 'config', 'prometheus.yml'], { cwd: PROMETHEUS_FILES })
  expect(result).toMatchObject({ code: 0, output: expect.stringContaining('SUCCESS') })
})

test('each rule finds what it is meant to find, and nothing else', { timeout: 160_000 }, async () => {
  // Thousands of evaluations: some seconds of a processor, which others may want as well.
  const { code, output } = await run('promtool', ['test', 'rules', 'rules.test.yml'], {
    cwd: PROMETHEUS_FILES,
    timeoutMs: 150_000,
  })
  expect(code === 0 ? '' : output).toBe('')
})

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert?: string
      readonly labels?: Readonly<Record<string, string>>
      readonly annotations?: Readonly<Record<string, string>>
    }[]
  }[]
}

test('each alert says how serious it is, what is the matter and what to do', async () => {
  const { groups } = parse(await readFile(join(PROMETHEUS_FILES, 'alerts.rules.yml'), 'utf8')) as RuleFile
  const alerts = groups.flatMap(({ rules }) => rules)
  expect(alerts.length).toBeGreaterThan(10)
  for (const { alert, labels, annotations } of alerts) {
    expect([alert, ['critical', 'warning', 'info'].includes(labels?.['severity'] ?? '')]).toEqual([
      alert,
      true,
    ])
    expect([alert, Object.keys(annotations ?? {})]).toEqual([alert, ['summary', 'description']])
  }
})
