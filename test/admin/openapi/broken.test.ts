import { describe, expect, test } from 'vitest'
import type { Repository } from '../../../src/policy/types.ts'
import { describeOnBothStores } from '../both-stores.ts'
import { KEY, useApi, type Answered, type Api, type Overrides } from '../api.ts'
import { bodiesOf, NAMES, queriesOf } from './broken-values.ts'
import { violationsOf } from './conformance.ts'
import { EXPLANATION, exampleOf, furnish, OPERATIONS, stateOf, type Documented } from './operations.ts'

/** Requests under way at once. */
const AT_ONCE = 16

const PLACES = ['acme/stable', 'acme/other', 'globex/stable'].map((place): [string, Repository] => {
  const [owner = '', repo = ''] = place.split('/')
  return [place, { owner, repo, format: 'deb', public: false }]
})
const REPOSITORIES = new Map(PLACES)
const guarded = OPERATIONS.filter(({ operation }) => operation.security === undefined)
const HEADERS = { 'X-Api-Key': KEY, 'Content-Type': 'application/json' }
const takesBody = ({ method }: Documented): boolean => method === 'POST' || method === 'PATCH'

/** Does it for each, some at a time; gives what was found, nothing where all is well. */
async function forEach<Item>(
  items: readonly Item[],
  judge: (item: Item) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const found: string[] = []
  for (let from = 0; from < items.length; from += AT_ONCE) {
    found.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(judge))).flat())
  }
  return found
}

/** What is wrong with the answer to something that had to be refused. */
function faultsOf(documented: Documented, answer: Answered, what: string): readonly string[] {
  const isRefused = answer.status >= 400 && answer.status < 500
  const faults = isRefused ? [] : [`is answered ${answer.status}: ${answer.text.slice(0, 200)}`]
  return [...faults, ...violationsOf(documented, answer)].map((fault) => `${what} ${fault}`)
}

/** What is wrong with the answer to something that might have been fine. */
function oddities(documented: Documented, answer: Answered, what: string): readonly string[] {
  const faults = answer.status >= 500 ? [`is answered ${answer.status}`] : []
  return [...faults, ...violationsOf(documented, answer)].map((fault) => `${what} ${fault}`)
}

/** Fields that an answer says something about. */
function namedIn({ body }: Answered): readonly string[] {
  const { fields = {}, rows = [] } = body as { fields?: object; rows?: readonly { fields?: object }[] }
  return Object.keys(rows[0]?.fields ?? fields)
}

const shorten = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text)

/** What the document says is right. */
function exampleRequest({ method, operation }: Documented) {
  const body = exampleOf(operation)
  return { method, headers: HEADERS, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
}

const OVERRIDES: Overrides = { repositories: () => REPOSITORIES, explain: async () => EXPLANATION }

describeOnBothStores((api: Api) => {
  test.each(guarded.filter(takesBody))('$title survives whatever its fields may hold', async (documented) => {
    const { method, path } = documented
    const target = await furnish(api, path)
    const bodies = bodiesOf(documented).filter(({ isAgainstDocument }) => !isAgainstDocument)
    const odd = await forEach(bodies, async ({ text }) =>
      oddities(documented, await api.send(target, { method, headers: HEADERS, body: text }), shorten(text)),
    )
    expect(odd).toEqual([])
    expect(api.errors.splice(0)).toEqual([])
  })

  test.each(guarded.filter(({ operation }) => operation.parameters.some((each) => each['in'] === 'query')))(
    '$title survives each value of its parameters, and refuses what the document has no word for',
    async (documented) => {
      const { method, path } = documented
      const isChange = method !== 'GET'
      const target = await furnish(api, path)
      const init = exampleRequest(documented)
      const queries = queriesOf(documented)
      const before = await stateOf(api)
      const faults = await forEach(
        queries.filter(({ isAgainstDocument }) => isAgainstDocument),
        async ({ text, name }) => {
          const answer = await api.send(`${target}?${text}`, init)
          const found = faultsOf(documented, answer, shorten(text))
          const named = namedIn(answer).join()
          return named === name ? found : [...found, `${shorten(text)} names ${named}`]
        },
      )
      expect(faults).toEqual([])
      expect(await stateOf(api)).toEqual(before)
      const odd = await forEach(
        isChange ? [] : queries.filter(({ isAgainstDocument }) => !isAgainstDocument),
        async ({ text }) => oddities(documented, await api.send(`${target}?${text}`, init), shorten(text)),
      )
      expect(odd).toEqual([])
      expect(api.errors.splice(0)).toEqual([])
      expect(await stateOf(api)).toEqual(before)
    },
  )
}, OVERRIDES)

describe('before any store is asked', () => {
  const api = useApi(OVERRIDES)

  test.each(guarded.filter(takesBody))(
    '$title refuses each broken field by its name, and changes nothing',
    async (documented) => {
      const { method, path } = documented
      const target = await furnish(api, path)
      const before = await stateOf(api)
      const bodies = bodiesOf(documented).filter(({ isAgainstDocument }) => isAgainstDocument)
      expect(bodies.length).toBeGreaterThan(0)
      const faults = await forEach(bodies, async ({ text, field, isKnown }) => {
        const answer = await api.send(target, { method, headers: HEADERS, body: text })
        const named = namedIn(answer)
        const isNamed = isKnown ? named.includes(field) : named.length > 0
        return [
          ...faultsOf(documented, answer, shorten(text)),
          ...(isNamed ? [] : [`${shorten(text)} names ${named.join()}`]),
        ]
      })
      expect(faults).toEqual([])
      expect(await stateOf(api)).toEqual(before)
      expect(api.errors).toEqual([])
    },
  )

  test.each(guarded.filter(takesBody))(
    '$title reads no form, no broken JSON, nothing compressed and nothing too large',
    async (documented) => {
      const { method, path, operation } = documented
      const target = await furnish(api, path)
      const isBulk = path.endsWith('/bulk/')
      const json = JSON.stringify(exampleOf(operation))
      const large = JSON.stringify([{ name: 'x'.repeat(isBulk ? 10_500_000 : 110_000) }])
      const before = await stateOf(api)
      const requests: readonly (readonly [number, string, Record<string, string>])[] = [
        [415, 'name=x', { 'Content-Type': 'application/x-www-form-urlencoded' }],
        [415, '--x\r\n\r\n--x--', { 'Content-Type': 'multipart/form-data; boundary=x' }],
        [415, '<name>x</name>', { 'Content-Type': 'application/xml' }],
        [415, json, { 'Content-Type': 'text/plain' }],
        [415, json, { 'Content-Encoding': 'gzip' }],
        [400, '{', {}],
        [400, '5', {}],
        [400, 'null', {}],
        [400, isBulk ? '{}' : '[]', {}],
        [400, '{"name":"\u00E4"', {}],
        [413, large, {}],
      ]
      const faults = await forEach(requests, async ([status, body, headers]) => {
        const answer = await api.send(target, { method, headers: { ...HEADERS, ...headers }, body })
        const found = answer.status === status ? [] : [`${shorten(body)} is answered ${answer.status}`]
        return [...found, ...faultsOf(documented, answer, shorten(body))]
      })
      expect(faults).toEqual([])
      expect(await stateOf(api)).toEqual(before)
    },
  )

  test.each(guarded.filter(({ path }) => path.includes('{')))(
    '$title finds nothing under names that are none',
    async (documented) => {
      const { path } = documented
      const whole = await furnish(api, path)
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
      // What nobody downloaded has an empty list of downloaders.
      const judged = names.filter((name) => name !== 'name')
      const segments = path.split('/')
      const broken = judged.flatMap((name) => {
        const at = segments.indexOf(`{${name}}`)
        return NAMES.map((text) => whole.split('/').with(at, text).join('/'))
      })
      const before = await stateOf(api)
      const init = exampleRequest(documented)
      // The audit log keeps what once was.
      const isList = path.startsWith('/audit-log/')
      const faults = await forEach(broken, async (target) => {
        const answer = await api.send(target, init)
        const ok = [400, 404].includes(answer.status) || (isList && answer.status === 200)
        return ok ? [] : [`${shorten(target)} is answered ${answer.status}`]
      })
      expect(faults).toEqual([])
      expect(api.errors.splice(0)).toEqual([])
      expect(await stateOf(api)).toEqual(before)
    },
  )

  test.each(guarded.filter(({ path }) => /\{(slug_perm|id)\}/.test(path) && path.includes('{owner}')))(
    '$title does not find what belongs to another owner, nor says that it is there',
    async (documented) => {
      const { path } = documented
      const target = (await furnish(api, path)).replace('/acme/', '/globex/')
      const before = await stateOf(api)
      const init = exampleRequest(documented)
      for (const prefix of ['', '/v1']) {
        const answer = await api.send(`${prefix}${target}`, init)
        expect([answer.status, answer.body]).toEqual([404, { detail: 'Not found.', code: 'not_found' }])
      }
      expect(await stateOf(api)).toEqual(before)
    },
  )

  test.each(guarded.filter(({ method }) => method !== 'GET'))(
    '$title does nothing under a condition that it can’t read or that does not hold',
    async (documented) => {
      const { method, path, operation } = documented
      const target = await furnish(api, path)
      const before = await stateOf(api)
      const body = exampleOf(operation)
      const given = body === undefined ? {} : { body: JSON.stringify(body) }
      const answers = await Promise.all(
        ['"another"', 'unquoted', '', '"a", b', '"\u00FF', 'W/'].map((ifMatch) =>
          api.send(target, { method, headers: { ...HEADERS, 'If-Match': ifMatch }, ...given }),
        ),
      )
      const isConditional = operation.responses['412'] !== undefined
      expect(answers.map(({ status }) => status)).toEqual([
        isConditional ? 412 : 400,
        400,
        400,
        400,
        400,
        400,
      ])
      expect(answers.flatMap((answer) => violationsOf(documented, answer))).toEqual([])
      expect(await stateOf(api)).toEqual(before)
    },
  )
})
