import type { Reporter, TestModule } from 'vitest/node'

/** Names at the end the tests that passed only when they were tried again, see vitest.config.ts: none should be there often. */
export default class LateReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const late = modules.flatMap((each) => lateTests(each))
    if (late.length === 0) return
    console.log(`${late.length} passed at the second try, because they ran out of time at the first:`)
    for (const each of late) console.log(`  ${each}`)
  }
}

function lateTests({ children, relativeModuleId }: TestModule): string[] {
  const all = [...children.allTests('passed')]
  return all.filter((test) => test.diagnostic()?.flaky).map((test) => `${relativeModuleId}: ${test.fullName}`)
}
