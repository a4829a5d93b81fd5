import { test } from 'vitest'
import { decide, type Place } from '../src/policy/decide.ts'
import { admit, conclude, type Ledger } from '../src/policy/ledger.ts'
import { compilePackageRules } from '../src/policy/scope.ts'
import { createTokenCompiler } from '../src/policy/token.ts'
import { TOKEN_DEFAULTS } from '../src/policy/token-defaults.ts'
import type { Artifact, Token, TokenFields } from '../src/policy/types.ts'
import { FORMAT_RULES } from '../src/request/formats/formats.ts'

/** Decisions, and the arithmetic of downloads: what each request costs besides reading it and talking to others. */

const NOW = 1_800_000_000_000
const DAY_MS = 86_400_000
const SIZE = 100_000

const PACKAGE: Artifact = FORMAT_RULES.deb.recognize('pool/main/f/foo/libfoo-demo_1.5-1_amd64.deb')
const PLACE: Place = { owner: 'acme', repo: 'deb', artifact: PACKAGE, address: '203.0.113.7' }

function makeToken(fields: Partial<TokenFields> = {}): Token {
  const place = { owner: 'acme', repo: 'deb', createdAt: NOW, createdBy: 'bench' }
  return createTokenCompiler()({
    ...TOKEN_DEFAULTS,
    slugPerm: '01JD0000000000000000000000',
    name: 'Example',
    ...place,
    ...fields,
  })
}

test('deciding', async ({ bench }) => {
  const plain = makeToken()
  const usual = makeToken({
    validFrom: NOW - DAY_MS,
    validUntil: NOW + DAY_MS,
    packages: ['libfoo-*', 'bar'],
  })
  const hard = makeToken({
    repositories: ['acme/*', 'other/deb'],
    packages: ['**', '!secret-*', 'deb:libfoo-*@>=1.2 <2'],
    networks: ['203.0.113.0/24', '2001:db8::/32'],
    packageQuery: 'name:libfoo* AND version:>=1.0',
  })
  const expired = makeToken({ validUntil: NOW - DAY_MS })
  for (const token of [plain, usual, hard]) {
    if (!decide(token, PLACE, NOW).ok) throw new Error('a token does not open what it should')
  }
  await bench.compare(
    bench('a token without limits', () => void decide(plain, PLACE, NOW)),
    bench('window and globs', () => void decide(usual, PLACE, NOW)),
    bench('repositories, ranges of versions, networks, a query', () => void decide(hard, PLACE, NOW)),
    bench('expired', () => void decide(expired, PLACE, NOW)),
  )
})

test('the scope of a token', async ({ bench }) => {
  const rules = Array.from({ length: 100 }, (_, index) => `lib${index}-*`)
  const scope = compilePackageRules([...rules, 'libfoo-*'])
  if (!scope.ok) throw new Error('the rules do not compile')
  const reversed = compilePackageRules(['libfoo-*', ...rules])
  if (!reversed.ok) throw new Error('the rules do not compile')
  await bench.compare(
    bench('101 rules, the last matches', () => void scope.covers(PACKAGE)),
    bench('101 rules, the first matches', () => void reversed.covers(PACKAGE)),
  )
  await bench('compiling 101 rules', () => void compilePackageRules([...rules, 'libfoo-*'])).run()
  await bench('compiling a token with a window and globs', () =>
    void makeToken({ packages: ['a-*', 'b'] })).run()
})

test('the ledger', async ({ bench }) => {
  const alive = (): boolean => true
  const whole = { id: '1', size: SIZE, start: 0, end: SIZE, now: NOW }
  const part = { ...whole, start: 50_000 }
  const opened = admit(undefined, whole, alive).ledger
  const resumed = admit(conclude(opened, '1', 50_000).ledger, { ...part, id: '2' }, alive).ledger
  const crowded = crowd(64)
  await bench.compare(
    bench('a whole copy: admitted', () => void admit(undefined, whole, alive)),
    bench('a whole copy: concluded', () => void conclude(opened, '1', SIZE)),
    bench('a resumed part: concluded', () => void conclude(resumed, '2', 50_000)),
    bench('one more beside 64 ranges under way', () => void admit(crowded, { ...part, id: 'more' }, alive)),
  )
})

/** So many ranges of one file under way at once. */
function crowd(count: number): Ledger {
  let ledger = admit(undefined, { id: '0', size: SIZE, start: 0, end: 1_000, now: NOW }, () => true).ledger
  for (let index = 1; index < count; index++) {
    const start = index * 1_000
    const range = { id: String(index), size: SIZE, start, end: start + 1_000, now: NOW }
    ledger = admit(ledger, range, () => true).ledger
  }
  return ledger
}
