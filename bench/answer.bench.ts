import { test } from 'vitest'
import { createChargeRequest, type Delivering } from '../src/gateway/charge-request.ts'
import { refusalResponse, type RefusalContext } from '../src/http/refusal-response.ts'
import { refuse } from '../src/policy/refusal.ts'
import { createTokenCompiler } from '../src/policy/token.ts'
import { TOKEN_DEFAULTS } from '../src/policy/token-defaults.ts'
import type { Token, TokenFields } from '../src/policy/types.ts'
import { FORMAT_RULES } from '../src/request/formats/formats.ts'

/** What is made of a decision: a question to the store, or a refusal in every form that some client shows. */

const NOW = 1_800_000_000_000

function delivering(fields: Partial<TokenFields>, kind: Delivering['kind'] = 'download'): Delivering {
  return {
    token: makeToken(fields),
    owner: 'acme',
    repo: 'deb',
    artifact: FORMAT_RULES.deb.recognize('pool/main/f/foo/libfoo-demo_1.5-1_amd64.deb'),
    client: '203.0.113.7',
    kind,
    extent: { start: 0, end: 100_000, size: 100_000 },
    isReady: false,
  }
}

function makeToken(fields: Partial<TokenFields>): Token {
  return createTokenCompiler()({
    ...TOKEN_DEFAULTS,
    slugPerm: '01JD0000000000000000000000',
    name: 'Example',
    owner: 'acme',
    repo: 'deb',
    createdAt: NOW,
    createdBy: 'bench',
    ...fields,
  })
}

test('a charge request', async ({ bench }) => {
  const limited = delivering({ limitDownloads: 100, limitClients: 10 })
  const scheduled = delivering({ limitDownloads: 100, resetPeriod: 'Monthly' })
  const unlimited = delivering({})
  const free = delivering({ limitDownloads: 100 }, 'index')
  await bench.compare(
    bench('of a limited token', () => void createChargeRequest(limited, NOW)),
    bench('of one with monthly counters', () => void createChargeRequest(scheduled, NOW)),
    bench('none, for a token without limits', () => void createChargeRequest(unlimited, NOW)),
    bench('none, for an index', () => void createChargeRequest(free, NOW)),
  )
})

test('rendering a refusal', async ({ bench }) => {
  const context: RefusalContext = {
    challenge: false,
    form: FORMAT_RULES.deb.answers,
    accept: '*/*',
    close: false,
  }
  const usedUp = refuse('downloads_used_up', { used: 100, limit: 100 })
  const unknown = refuse('token_unknown')
  await bench.compare(
    bench('making one', () => void refuse('downloads_used_up', { used: 100, limit: 100 })),
    bench('used up, JSON', () => void refusalResponse(usedUp, context)),
    bench('used up, npm', () => void refusalResponse(usedUp, { ...context, form: FORMAT_RULES.npm.answers })),
    bench('used up, text', () => void refusalResponse(usedUp, { ...context, accept: 'text/plain' })),
    bench('unknown, challenged', () => void refusalResponse(unknown, { ...context, challenge: true })),
  )
})
