import { expect, test } from 'vitest'
import { FILES, startAskedGate, TOOL } from './asking.ts'

test('a proxy gets no yes before the customer has accepted what has to be accepted', async () => {
  await using asked = await startAskedGate({
    repositories: {
      [FILES]: {
        format: 'raw',
        upstream: 'http://127.0.0.1:1/',
        eula: { revision: 1, url: 'https://www.example.com/eula', required_of: 'all_tokens' },
      },
    },
  })
  const { token } = await asked.gate().createToken(FILES)
  expect((await asked.ask(token, TOOL)).headers['x-postern-refusal']).toBe('eula_not_accepted')
  const acceptance = await asked.ask(token, 'eula', { 'X-Original-Method': 'POST' })
  expect(acceptance.headers['x-postern-serve']).toBe('gate')
}, 120_000)
