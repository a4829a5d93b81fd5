import { expect, test } from 'vitest'
import { readEnvironment } from '../../src/config/environment.ts'

test('the environment is read under its names, and an empty variable counts as none', () => {
  const variables = { POSTERN_CONFIG: 'a.yaml', POSTERN_ADMIN_KEY: 'key', POSTERN_API: '', OTHER: 'x' }
  expect(readEnvironment(variables)).toEqual({
    configFile: 'a.yaml',
    adminKey: 'key',
    apiUrl: undefined,
    apiKey: undefined,
    inherited: { pid: 0, count: 0, names: [] },
    notifySocket: undefined,
    watchdogMs: undefined,
    variables,
  })
})
