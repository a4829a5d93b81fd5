import { readFile, stat } from 'node:fs/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { clear, listAll } from '../admin/bulk/send.ts'
import { KEY, useApi } from '../admin/api.ts'
import { callAs } from '../admin/call-as.ts'
import { startFakeApi } from './fake-api.ts'
import { newFolder } from './folder.ts'
import { run, type RunOptions } from './run.ts'

const api = useApi()
const REPOSITORY = 'acme/stable'

beforeEach(() => clear(api))

function bulk(file: string, flags = '', options: RunOptions = {}): ReturnType<typeof run> {
  const args = ['tokens', 'bulk', REPOSITORY, file, ...flags.split(' ').filter(Boolean)]
  return run(args, { api: api.url, key: KEY, ...options })
}

describe('tokens bulk', () => {
  test('makes and changes tokens from CSV, and says what it did', async () => {
    await using folder = await newFolder()
    await api.create({ name: 'Old', limit_num_clients: 1 })
    await api.create({ name: 'Same' })
    const file = await folder.put(
      'c.csv',
      'name,limit_num_clients,token\nNew,3,secret-of-new\nOld,2,\nSame,,\n',
    )
    const { code, stdout, stderr } = await bulk(file)
    expect([code, stderr]).toEqual([0, '3 rows: 1 created, 1 changed, 0 deleted, 1 left as they are.\n'])
    expect(stdout.split('\n').map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ['ROW', 'RESULT', 'NAME', 'WHAT'],
      ['1', 'created', 'New', 'name, limit_num_clients, token'],
      ['2', 'changed', 'Old', 'limit_num_clients'],
      [''],
    ])
    expect(await listAll(api)).toMatchObject([
      { name: 'New', token: 'secret-of-new' },
      { name: 'Old', limit_num_clients: 2 },
      { name: 'Same' },
    ])
  })

  test('--dry-run says what would happen, and nothing does', async () => {
    await using folder = await newFolder()
    const file = await folder.put('c.jsonl', '{"name":"New"}\n\n{"name":"Bad","limit_num_clients":"x"}\n')
    const { code, stdout, stderr } = await bulk(file, '--dry-run')
    expect(code).toBe(1)
    expect(stdout).toMatch(/1\s+created\s+New\s+name/)
    expect(stderr).toBe(
      '2 rows: 1 would be created, 0 changed, 0 deleted, 0 left as they are, 1 failed. Nothing was changed.\n' +
        '  row 2: limit_num_clients: This field must be a whole number from 0 to 9007199254740991, or null.\n',
    )
    expect(await listAll(api)).toEqual([])
  })

  test('a row that is larger than any can be is told by its number, and stops all as any other', async () => {
    await using folder = await newFolder()
    const rows = [
      { name: 'First' },
      { name: 'Large', metadata: { text: 'x'.repeat(1_000_000) } },
      { name: 'Last' },
    ]
    const file = await folder.put('c.json', JSON.stringify(rows))
    const message = '  row 2: This row has more than 102400 characters.\n'
    expect(await bulk(file)).toMatchObject({
      code: 1,
      stderr: `error: 1 of 3 rows can't be done; nothing was changed.\n${message}`,
    })
    expect(await listAll(api)).toEqual([])
    const { code, stderr } = await bulk(file, '--keep-going')
    expect([code, stderr]).toEqual([
      1,
      `3 rows: 2 created, 0 changed, 0 deleted, 0 left as they are, 1 failed.\n${message}`,
    ])
    expect((await listAll(api)).map(({ name }) => name)).toEqual(['First', 'Last'])
  })

  test('a row that fails stops all, unless --keep-going', async () => {
    await using folder = await newFolder()
    const rows = Array.from({ length: 1_200 }, (_, index) => ({
      name: `Customer ${index}`,
      limit_num_clients: index === 1_100 ? -1 : index,
    }))
    const file = await folder.put('c.json', JSON.stringify({ data: rows }))
    const stopped = await bulk(file)
    expect(stopped).toMatchObject({ code: 1, stdout: '' })
    expect(stopped.stderr).toMatch(
      /^error: 1 of 1200 rows can't be done; nothing was changed\.\n {2}row 1101: limit_num_clients: This field must be/,
    )
    expect(await listAll(api)).toEqual([])
    const { code, stdout } = await bulk(file, '--keep-going --json')
    expect(code).toBe(1)
    const report = JSON.parse(stdout) as Record<string, unknown>
    expect(report).toMatchObject({ created: 1_199, failed: 1 })
    expect((report['rows'] as unknown[])[1_100]).toMatchObject({ row: 1_101, result: 'failed' })
    expect(await bulk(file, '--keep-going --json')).toMatchObject({ code: 1 })
    expect(await api.store.tokens.walk('acme', 'stable', null, 5_000)).toHaveLength(1_199)
  })

  test('a mistake in the header, or an odd encoding, is told and changes nothing', async () => {
    await using folder = await newFolder()
    const header = await bulk(await folder.put('a.csv', 'name,limit_num_download\nx,1\n'))
    expect(header).toMatchObject({ code: 1, stdout: '' })
    expect(header.stderr).toContain('There is no such field; did you mean limit_num_downloads?')
    const latin = await bulk(await folder.put('b.csv', Buffer.from('name\nB\xe4r\n', 'latin1')))
    expect(latin.stderr).toMatch(/b\.csv: Line 2 is no valid UTF-8\. Save it as UTF-8\.\n$/)
    const long = await bulk(await folder.put('c.csv', `name\n${'x'.repeat(1_048_576)}\n`))
    expect(long.stderr).toMatch(/c\.csv, line 2: A row has more than 102400 characters\.\n$/)
    const none = await bulk(await folder.put('d.csv', 'name\r\n'))
    expect(none.stderr).toMatch(/d\.csv has no rows\.\n$/)
    const json = await bulk(await folder.put('e.jsonl', '{"name":"a"}\n{"token":"do-not-repeat"'))
    expect(json.stderr).toMatch(/e\.jsonl, line 2: This is no valid JSON\.\n$/)
    expect(await listAll(api)).toEqual([])
  })

  test('nothing of the file is obeyed by the terminal', async () => {
    await using folder = await newFolder()
    const file = await folder.put('a.jsonl', '{"name":"a","\\u001b]0;title\\u0007":1}\n')
    const { stderr } = await bulk(file, '--dry-run')
    expect(stderr).toContain('?]0;title?: There is no such field.')
  })

  test('UTF-16 with semicolons, as spreadsheets save it, is understood', async () => {
    await using folder = await newFolder()
    const text = '\uFEFFname;limit_num_clients\r\n"Müller; Söhne";4\r\n'
    const { code } = await bulk(await folder.put('a.txt', Buffer.from(text, 'utf16le')), '--format csv')
    expect(code).toBe(0)
    expect(await listAll(api)).toMatchObject([{ name: 'Müller; Söhne', limit_num_clients: 4 }])
  })

  test.each([
    ['name\na\nb\na\n', '  row 3: row 1 is about the same token'],
    ['name,token\na,same-secret\nb,same-secret\n', '  row 2: row 1 has the same secret'],
    ['slug_perm,name\nX1,a\nX1,b\n', '  row 2: row 1 is about the same token'],
  ])('%j: rows about one token are refused before anything is asked', async (text, said) => {
    await using folder = await newFolder()
    await using fake = await startFakeApi(() => undefined)
    const { code, stderr } = await bulk(await folder.put('a.csv', text), '', { api: fake.url })
    expect([code, stderr]).toEqual([1, `error: Rows are about the same token:\n${said}\n`])
    expect(fake.received).toEqual([])
  })

  test('tokens are deleted only after a yes', async () => {
    await using folder = await newFolder()
    await api.create({ name: 'a' })
    const file = await folder.put('a.csv', 'name,action\na,delete\nb,delete\n')
    const nobody = await bulk(file)
    expect(nobody).toMatchObject({ code: 2, stderr: 'error: This needs --yes where nobody can be asked.\n' })
    const no = await bulk(file, '', { answer: 'n', columns: 80 })
    expect(no).toMatchObject({
      code: 1,
      questions: ['Delete 1 token? Its secret stops working at once. [y/N] '],
    })
    expect(await listAll(api)).toHaveLength(1)
    expect(await bulk(file, '--yes')).toMatchObject({ code: 0 })
    expect(await listAll(api)).toEqual([])
  })

  test('an owner in the place of a repository means the tokens that belong to it', async () => {
    await using folder = await newFolder()
    const file = await folder.put('a.csv', 'name\nEverything\n')
    const options = { api: api.url, key: KEY }
    expect(await run(['tokens', 'bulk', 'acme', file], options)).toMatchObject({ code: 0 })
    const { stdout } = await run(['tokens', 'export', 'acme', '--format', 'jsonl'], options)
    expect(JSON.parse(stdout)).toMatchObject({ name: 'Everything', repositories: ['acme/*'] })
    expect(await listAll(api)).toEqual([])
  })

  test('--show-tokens shows the secrets that were made', async () => {
    await using folder = await newFolder()
    const { stdout } = await bulk(await folder.put('a.csv', 'name\na\n'), '--show-tokens')
    const [token] = await listAll(api)
    expect(stdout).toContain(String(token?.['token']))
  })

  test('without the right it does nothing and says so', async () => {
    await using folder = await newFolder()
    const { secret } = await callAs(api, { role: 'viewer' })
    const { code, stderr } = await bulk(await folder.put('a.csv', 'name\na\n'), '', { key: secret })
    expect(code).toBe(1)
    expect(stderr).toContain('The key that was sent may not do this')
    expect(await listAll(api)).toEqual([])
  })

  test.each([
    ['missing.csv', '', /missing\.csv can't be read \(ENOENT\)/],
    ['x.xlsx', '', /does not tell what is in it; give --format csv, json or jsonl/],
    ['x.csv', '--action remove', /Allowed choices are upsert, create/],
  ])('%s %s is wrong usage', async (name, flags, said) => {
    await using folder = await newFolder()
    const { code, stderr } = await bulk(folder.path(name), flags)
    expect(code).toBe(2)
    expect(stderr).toMatch(said)
  })

  test('progress is drawn on a terminal, and cleared', async () => {
    await using folder = await newFolder()
    const rows = Array.from({ length: 2_500 }, (_, index) => `{"name":"Customer ${index}"}`)
    let now = 0
    const file = await folder.put('a.jsonl', rows.join('\n'))
    const { stderr } = await bulk(file, '--dry-run', { columns: 80, clock: () => (now += 150) })
    expect(stderr).toContain('\rChecking [#########...............] 1000 of 2500')
    expect(stderr).toContain('\r\u001B[K2500 rows:')
  })

  test('a connection that breaks is told with how far it came', async () => {
    await using folder = await newFolder()
    const rows = Array.from({ length: 1_500 }, (_, index) => `{"name":"Customer ${index}"}`)
    let asked = 0
    await using fake = await startFakeApi(() => {
      const done = Array.from({ length: 1_000 }, (_, index) => ({ row: index + 1, result: 'created' }))
      return ++asked === 1 ? { body: { rows: done } } : { status: 503, body: { detail: 'Try again soon.' } }
    })
    const { code, stderr } = await bulk(await folder.put('a.jsonl', rows.join('\n')), '', { api: fake.url })
    expect(code).toBe(2)
    expect(stderr).toMatch(/It stopped after 1000 of 1500 rows\. The same command goes on from there\.\n$/)
  })
})

describe('tokens export', () => {
  const exportTo = (flags: string, options: RunOptions = {}): ReturnType<typeof run> =>
    run(['tokens', 'export', REPOSITORY, ...flags.split(' ')], { api: api.url, key: KEY, ...options })

  test.each(['csv', 'jsonl'])('%s comes back through bulk unchanged', async (format) => {
    await using folder = await newFolder()
    await api.create({ name: '=1+1', limit_packages: ['a', 'b@>=1'], metadata: { a: '"' } })
    await api.create({ name: 'b', limit_num_downloads: 3 })
    const file = folder.path(`t.${format}`)
    const { code, stderr } = await exportTo(`--format ${format} --output ${file} --show-tokens`)
    expect(code).toBe(0)
    expect(stderr).toMatch(/^2 tokens, /)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await bulk(file)).toMatchObject({
      code: 0,
      stderr: '2 rows: 0 created, 0 changed, 0 deleted, 2 left as they are.\n',
    })
    const again = await exportTo(`--format ${format} --output ${file}`)
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') })
  })

  test('writes to standard output without secrets', async () => {
    await api.create({ name: 'a', token: 'the-secret-of-a' })
    const { stdout } = await exportTo('--format csv')
    expect(stdout).toMatch(/^"slug_perm","name","is_active"/)
    expect(stdout).not.toContain('the-secret-of-a')
  })

  test('--show-tokens without the right is refused, and leaves no file', async () => {
    await using folder = await newFolder()
    const { secret } = await callAs(api, { role: 'viewer' })
    const file = folder.path('t.csv')
    const { code, stderr } = await exportTo(`--show-tokens --output ${file}`, { key: secret })
    expect(code).toBe(1)
    expect(stderr).toContain('Your key may not see secrets; leave show_tokens out.')
    await expect(readFile(file)).rejects.toThrow('ENOENT')
  })
})
