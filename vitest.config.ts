import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Patience costs nothing where all is well, and a machine may be busy with much else.
    testTimeout: 60_000,
    hookTimeout: 180_000,
    globalSetup: ['test/support/build-console.ts'],
    pool: 'forks',
    // What is waited for comes soon, but not within a second on every machine.
    expect: { poll: { timeout: 30_000 } },
    // Most of a test file's time is spent waiting for servers.
    maxWorkers: 3,
    // What ran out of time, which a busy machine can cause, is tried once more, and named at the end. What gave a wrong result is not.
    retry: { count: 1, condition: /Timeout \d+ms exceeded|timed out in \d+ms|^Waited \d+ ms in vain/ },
    reporters: ['default', './test/support/late-reporter.ts'],
  },
})

export default config
