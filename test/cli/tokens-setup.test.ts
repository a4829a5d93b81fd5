import { expect, test } from 'vitest'
import { FORMS, SNIPPETS } from '../../src/snippets/snippets.ts'
import { placeOf } from '../../src/snippets/place.ts'
import { FORMATS } from '../../src/policy/formats.ts'
import { apiToken, pageOf, startFakeApi, type FakeApi } from './fake-api.ts'
import { run } from './run.ts'

const ID = '01JD0000000000000000000001'
const SECRET = 'ptkSecretOfExampleLtd0815'

function startApi(format = 'npm', url = 'https://dl.example.com/basic/acme/js/'): Promise<FakeApi> {
  return startFakeApi(({ url: asked }) => {
    if (asked === '/repos/acme/js/') return { body: { format, cdn_url: url } }
    const isShown = asked.endsWith('show_tokens=true')
    return asked.startsWith(`/entitlements/acme/js/${ID}/`)
      ? { body: apiToken({ token: isShown ? SECRET : '****************' }) }
      : undefined
  })
}

const setup = (api: FakeApi, ...options: readonly string[]) =>
  run(['tokens', 'setup', 'acme/js', ID, ...options], { api: api.url })

test('setup prints what the customer writes, with the secret masked', async () => {
  await using api = await startApi()
  const { code, stdout, stderr } = await setup(api)
  expect(code).toBe(0)
  expect(stdout).toBe(`.npmrc:

  @acme:registry=https://dl.example.com/basic/acme/js/
  //dl.example.com/basic/acme/js/:_authToken=****************
`)
  expect(stderr).toContain('--show-secret')
  expect(api.requests().join('\n')).not.toContain('show_tokens=true')
})

test.each(['--show-secret', '--show-token'])('setup writes the secret with %s', async (option) => {
  await using api = await startApi()
  const { stdout, stderr } = await setup(api, option)
  expect(stdout).toContain(`:_authToken=${SECRET}\n`)
  expect(stderr).toBe('')
})

test('setup puts the secret into the path where that is wanted', async () => {
  await using api = await startApi()
  const { stdout } = await setup(api, '--form', 'path', '--show-secret', '--format', 'npm')
  expect(stdout).toBe(`.npmrc:\n\n  @acme:registry=https://dl.example.com/${SECRET}/acme/js/\n`)
})

test('setup takes another URL for the gate', async () => {
  await using api = await startApi()
  const { stdout } = await setup(api, '--url', 'https://eu.example.com/gate/')
  expect(stdout).toContain('@acme:registry=https://eu.example.com/gate/basic/acme/js/\n')
  const bad = await setup(api, '--url', 'eu.example.com')
  expect([bad.code, bad.stdout]).toEqual([2, ''])
})

test('setup prints JSON', async () => {
  await using api = await startApi()
  const { stdout } = await setup(api, '--json')
  expect(JSON.parse(stdout)).toMatchObject({ format: 'npm', form: 'basic', snippets: [{ title: '.npmrc' }] })
})

test('setup says what does not go together', async () => {
  await using images = await startApi('docker')
  const path = await setup(images, '--form', 'path')
  expect([path.code, path.stderr]).toEqual([1, expect.stringContaining('can only log in')])
  const other = await setup(images, '--format', 'npm')
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('of the format docker, not npm')])
  const unknown = await setup(images, '--format', 'floppy')
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('--format')])
})

test('setup finds a token that belongs to the owner of the repository, and no other one’s', async () => {
  const repositories = [null, 'acme/other']
  const outcomes = repositories.map(async (repository) => {
    await using api = await startFakeApi(({ url }) => {
      if (url === '/repos/acme/js/')
        return { body: { format: 'npm', cdn_url: 'https://x.example/basic/acme/js/' } }
      if (url.startsWith('/entitlements/acme/*/')) return { body: apiToken({ token: SECRET, repository }) }
      if (url.startsWith('/entitlements/acme/?')) return pageOf([apiToken({ repository })])
      return url.startsWith('/entitlements/acme/js/?') ? pageOf([]) : undefined
    })
    const { code, stdout } = await setup(api, '--show-secret')
    return [code, stdout.includes(SECRET)]
  })
  expect(await Promise.all(outcomes)).toEqual([
    [0, true],
    [1, false],
  ])
})

test('setup of a repository that is not there, or in an answer that can’t be read, fails', async () => {
  await using api = await startFakeApi(() => undefined)
  expect(await setup(api)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no repository acme/js'),
  })
  await using odd = await startApi('floppy')
  expect((await setup(odd)).code).toBe(2)
})

test('on a host of its own, names are left out', () => {
  const place = placeOf('https://images.example.com/basic/', 'acme', 'S', 'basic')
  expect(place).toMatchObject({ url: 'https://images.example.com/basic', images: 'images.example.com' })
  const owner = placeOf('https://acme.example.com/basic/js/', 'acme', 'S', 'path')
  expect(owner).toMatchObject({ url: 'https://acme.example.com/S/js', images: 'acme.example.com/js' })
})

test.each(FORMATS.flatMap((format) => FORMS.map((form) => [format, form] as const)))(
  'what is printed for %s in the form "%s" has the secret in it and nothing that is empty',
  (format, form) => {
    const place = placeOf('https://dl.example.com/basic/acme/x/', 'acme', SECRET, form)
    const snippets = SNIPPETS[format][form]?.(place) ?? []
    expect(snippets.length === 0).toBe(SNIPPETS[format][form] === null)
    expect(snippets.every(({ title, text }) => title !== '' && text !== '' && !text.endsWith('\n'))).toBe(
      true,
    )
    expect(snippets.length === 0 || snippets.some(({ text }) => text.includes(SECRET))).toBe(true)
  },
)
