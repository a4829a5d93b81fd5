import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { TOKEN_FIELDS } from '../../src/admin/token-fields.ts'
import { CARRIED } from '../../src/cli/import/cloudsmith.ts'
import { KEY, useApi } from '../admin/api.ts'
import { clear, listAll } from '../admin/bulk/send.ts'
import { callAs } from '../admin/call-as.ts'
import { cleanEnvironment, waitFor } from '../support/processes.ts'
import { newFolder, type Folder } from './folder.ts'
import { run, type RunOptions } from './run.ts'

const api = useApi()
const REPOSITORY = ['--repository', 'acme/stable']

beforeEach(() => clear(api))

function importing(
  kind: 'cloudsmith' | 'packagecloud' | 'htpasswd',
  file: string,
  flags: readonly string[] = [],
  options: RunOptions = {},
): ReturnType<typeof run> {
  return run(['import', kind, file, ...REPOSITORY, ...flags], { api: api.url, key: KEY, ...options })
}

/** A token as Cloudsmith's API gives it. */
function cloudsmithToken(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    access_private_broadcasts: false,
    clients: 0,
    created_at: '2023-04-11T09:00:00.000000Z',
    created_by: 'ada',
    default: false,
    disable_url: 'https://api.cloudsmith.io/v1/entitlements/acme/stable/x/disable/',
    downloads: 0,
    eula_accepted: { accepted: false },
    eula_accepted_at: null,
    eula_required: false,
    has_limits: false,
    identifier: 7,
    is_active: true,
    is_limited: false,
    limit_bandwidth: null,
    limit_bandwidth_unit: 'Byte',
    limit_date_range_from: null,
    limit_date_range_to: null,
    limit_num_clients: null,
    limit_num_downloads: null,
    limit_package_query: null,
    limit_path_query: null,
    metadata: {},
    scheduled_reset_at: null,
    scheduled_reset_period: 'Never Reset',
    slug_perm: 'aBcDeFgHiJkL',
    updated_at: null,
    usage: '0 downloads',
    user: null,
    user_url: null,
    ...fields,
  }
}

describe('import cloudsmith', () => {
  test('carries every field that can be set', () => {
    const settable = [...TOKEN_FIELDS.keys()].filter((name) => name !== 'previous_secret_valid_until')
    expect(['name', 'token', ...CARRIED].toSorted()).toEqual(settable.toSorted())
  })

  const TOKENS = [
    cloudsmithToken({
      name: 'Example Ltd',
      token: 'XyZ0123456789abc',
      limit_num_downloads: 100,
      limit_bandwidth: 5,
      limit_bandwidth_unit: 'Gigabyte',
      limit_date_range_to: '2031-01-01T00:00:00.000000Z',
      limit_package_query: 'name:widget AND version:>=2',
      scheduled_reset_period: 'Monthly',
      scheduled_reset_at: '2023-04-01T00:00:00.000000Z',
      metadata: { licence: 'A-17' },
      downloads: 12,
    }),
    cloudsmithToken({ name: 'Off', token: 'the-token-of-off', is_active: false, eula_required: true }),
    cloudsmithToken({ name: 'Default', token: 'the-default-token', default: true, downloads: 3 }),
  ]

  test.each([
    ['a list, as the API gives it', JSON.stringify(TOKENS), 'a.json'],
    ['what the command line prints', JSON.stringify({ data: TOKENS, meta: { pagination: {} } }), 'b.json'],
    [
      'a table',
      'Name,Token,Is Active,Limit Num Downloads,limit_bandwidth,limit_bandwidth_unit,limit_date_range_to,limit_package_query,scheduled_reset_period,scheduled_reset_at,metadata,EULA Required,Default,Downloads\r\n' +
        'Example Ltd,XyZ0123456789abc,True,100,5,Gigabyte,2031-01-01T00:00:00.000000Z,name:widget AND version:>=2,Monthly,2023-04-01T00:00:00.000000Z,"{""licence"":""A-17""}",False,False,12\r\n' +
        'Off,the-token-of-off,False,,,,,,,,,True,False,0\r\n' +
        'Default,the-default-token,True,None,,,,,,,,False,True,3\r\n',
      'c.csv',
    ],
  ])('%s: tokens keep their secrets and limits, and what stays behind is told', async (_what, text, name) => {
    await using folder = await newFolder()
    const { code, stdout } = await importing('cloudsmith', await folder.put(name, text))
    expect(code).toBe(0)
    expect(stdout).toBe(
      `3 tokens came to acme/stable, 0 were there already, 0 are left out.
Not carried over:
  2 x counters: what was used begins at zero
      "Example Ltd", "Default"
  1 x acceptance of a EULA: customers are asked again, where the repository here has one
      "Off"
  1 x mark as the default token: it is one like others
      "Default"
`,
    )
    expect(await listAll(api)).toMatchObject([
      { name: 'Default', token: 'the-default-token' },
      {
        name: 'Example Ltd',
        token: 'XyZ0123456789abc',
        limit_num_downloads: 100,
        limit_bandwidth: 5,
        limit_bandwidth_unit: 'Gigabyte',
        limit_date_range_to: '2031-01-01T00:00:00.000Z',
        limit_package_query: 'name:widget AND version:>=2',
        scheduled_reset_period: 'Monthly',
        metadata: { licence: 'A-17' },
        downloads: 0,
      },
      { name: 'Off', token: 'the-token-of-off', is_active: false, eula_required: true },
    ])
  })

  test('what is there already stays as it is, however often it is repeated', async () => {
    await using folder = await newFolder()
    const file = await folder.put('a.json', JSON.stringify(TOKENS))
    await importing('cloudsmith', file)
    const [, { slug_perm } = {}] = await listAll(api)
    await api.call('PATCH', `/entitlements/acme/stable/${String(slug_perm)}/`, { name: 'Renamed here' })
    const before = await listAll(api)
    const { code, stdout } = await importing('cloudsmith', file)
    expect([code, stdout.split('\n')[0]]).toEqual([
      0,
      '0 tokens came to acme/stable, 3 were there already, 0 are left out.',
    ])
    expect(await listAll(api)).toEqual(before)
  })

  test('--dry-run says what would come, and nothing does', async () => {
    await using folder = await newFolder()
    const { stdout } = await importing('cloudsmith', await folder.put('a.json', JSON.stringify(TOKENS)), [
      '--dry-run',
    ])
    expect(stdout).toMatch(
      /^3 tokens would come to acme\/stable, 0 are there already, 0 would be left out\. Nothing was changed\.\n/,
    )
    expect(await listAll(api)).toEqual([])
  })

  test('hidden, unfit and doubled secrets and what the gate refuses are left out, told with examples', async () => {
    await using folder = await newFolder()
    const odd = [
      ...Array.from({ length: 5 }, (_, index) =>
        cloudsmithToken({ name: `Hidden ${index}`, token: '**********' }),
      ),
      cloudsmithToken({ name: 'Unfit', token: 'a b' }),
      cloudsmithToken({ name: 'First', token: 'the-same-secret' }),
      cloudsmithToken({ name: 'Second', token: 'the-same-secret' }),
      cloudsmithToken({ name: 'Query', token: 'secret-of-query', limit_package_query: 'name:(' }),
    ]
    const file = await folder.put('a.json', JSON.stringify(odd))
    const { code, stdout } = await importing('cloudsmith', file)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^1 token came to acme\/stable, 0 were there already, 8 are left out\.\n/)
    expect(stdout).toContain('5 x secret that the file hides: export with --show-tokens')
    expect(stdout).toContain('such as "Hidden 0", "Hidden 1", "Hidden 2"\n')
    expect(stdout).toContain('1 x secret that none can be here')
    expect(stdout).toContain('1 x secret that an earlier token of the file has\n      "Second"\n')
    expect(stdout).toMatch(/1 x token that is refused: limit_package_query: .*\n {6}"Query"\n/)
    expect(stdout).toContain('--new-secrets FILE makes tokens with new secrets')
    expect(stdout).not.toContain('the-same-secret')
    expect((await listAll(api)).map(({ name }) => name)).toEqual(['First'])
  })

  test('a token that is larger than any can be is left out, told shortly, and keeps none of the others back', async () => {
    await using folder = await newFolder()
    const [long, large] = ['N'.repeat(1_000_000), 'x'.repeat(1_000_000)]
    const odd = [
      cloudsmithToken({ name: 'First', token: 'the-first-secret' }),
      cloudsmithToken({ name: long, token: 'secret-of-long' }),
      cloudsmithToken({ name: 'Large', token: 'secret-of-large', metadata: { large } }),
      cloudsmithToken({ name: 'Last', token: 'the-last-secret' }),
    ]
    const { code, stdout } = await importing('cloudsmith', await folder.put('a.json', JSON.stringify(odd)))
    expect([code, stdout]).toEqual([
      1,
      '2 tokens came to acme/stable, 0 were there already, 2 are left out.\nNot carried over:\n' +
        '  2 x token that is refused: This row has more than 102400 characters.\n' +
        `      "${'N'.repeat(57)}...", "Large"\n`,
    ])
    expect((await listAll(api)).map(({ name }) => name)).toEqual(['First', 'Last'])
  })

  test('a secret that two tokens have is told as left out, and by the exit code', async () => {
    await using folder = await newFolder()
    const twice = ['First', 'Second'].map((name) => cloudsmithToken({ name, token: 'the-same-secret' }))
    const { code, stdout } = await importing('cloudsmith', await folder.put('a.json', JSON.stringify(twice)))
    expect([code, stdout]).toEqual([
      1,
      '1 token came to acme/stable, 0 were there already, 1 is left out.\nNot carried over:\n' +
        '  1 x secret that an earlier token of the file has\n      "Second"\n',
    ])
  })

  test('--json says the same to programs', async () => {
    await using folder = await newFolder()
    const { stdout } = await importing('cloudsmith', await folder.put('a.json', JSON.stringify(TOKENS)), [
      '--json',
    ])
    expect(JSON.parse(stdout)).toMatchObject({
      created: 3,
      there: 0,
      left_out: 0,
      losses: [
        { what: 'counters: what was used begins at zero', count: 2, examples: ['Example Ltd', 'Default'] },
        { count: 1 },
        { count: 1 },
      ],
    })
  })

  test.each([
    ['a.json', '{"detail":"Not found."}', /This is no list of entitlement tokens\. Make one: cloudsmith/],
    ['a.json', '[7]', /Entry 1 of the list is no token/],
    ['a.json', '[]', /There are no tokens in the file/],
    ['a.json', 'token: do-not-repeat', /This is no list of entitlement tokens/],
    ['a.csv', 'Title,Secret\na,b\n', /The first line has to name the columns, among them "name" and "token"/],
    ['a.csv', 'name,token\na\n', /Line 2: There are 1 cells, and 2 columns/],
    ['a.csv', 'name,token\n"a,b\n', /Line 2: A quote that opens here is never closed/],
  ])('%s with %j is refused', async (name, text, said) => {
    await using folder = await newFolder()
    const { code, stderr } = await importing('cloudsmith', await folder.put(name, text))
    expect(code).toBe(1)
    expect(stderr).toMatch(said)
    expect(stderr).not.toContain('do-not-repeat')
    expect(await listAll(api)).toEqual([])
  })

  test('without the right nothing comes', async () => {
    await using folder = await newFolder()
    const { secret: key } = await callAs(api, { role: 'viewer' })
    const file = await folder.put('a.json', JSON.stringify(TOKENS))
    const { code, stderr } = await importing('cloudsmith', file, [], { key })
    expect([code, stderr]).toEqual([1, expect.stringContaining('The key that was sent may not do this')])
    expect(await listAll(api)).toEqual([])
  })

  test('a repository has to be named, and be there', async () => {
    await using folder = await newFolder()
    const file = await folder.put('a.json', JSON.stringify(TOKENS))
    const options = { api: api.url, key: KEY }
    expect(await run(['import', 'cloudsmith', file], options)).toMatchObject({ code: 2 })
    const { stderr } = await run(['import', 'cloudsmith', file, '--repository', 'acme/nothing'], options)
    expect(stderr).toContain('There is no repository acme/nothing.')
  })
})

describe('import packagecloud', () => {
  const value = (digit: number): string => String(digit).repeat(48)
  const MASTERS = [
    {
      name: 'default',
      value: value(1),
      read_tokens: [
        { id: 11, name: 'web-1.example.com', value: value(2) },
        { id: 12, name: null, value: value(3) },
      ],
    },
    { name: 'Example Ltd', value: value(4), read_tokens: [{ id: 13, name: 'ci', value: value(5) }] },
  ]

  test('read tokens become tokens that know where they came from; master tokens are told', async () => {
    await using folder = await newFolder()
    const { code, stdout } = await importing(
      'packagecloud',
      await folder.put('m.json', JSON.stringify(MASTERS)),
    )
    expect(code).toBe(0)
    expect(stdout).toBe(
      '3 tokens came to acme/stable, 0 were there already, 0 are left out.\nNot carried over:\n' +
        '  2 x master token: it makes read tokens and opens nothing; --master-tokens brings such as ordinary tokens\n' +
        '      "default", "Example Ltd"\n',
    )
    expect(await listAll(api)).toMatchObject([
      {
        name: 'ci',
        token: value(5),
        metadata: { packagecloud_master_token: 'Example Ltd', packagecloud_id: 13 },
      },
      { name: 'packagecloud 12', token: value(3) },
      { name: 'web-1.example.com', token: value(2) },
    ])
  })

  test('--master-tokens brings them, too', async () => {
    await using folder = await newFolder()
    const file = await folder.put('m.json', JSON.stringify({ master_tokens: MASTERS }))
    await importing('packagecloud', file, ['--master-tokens'])
    expect((await listAll(api)).map(({ name }) => name)).toEqual([
      'Example Ltd (master token)',
      'ci',
      'default (master token)',
      'packagecloud 12',
      'web-1.example.com',
    ])
  })

  test('a list of read tokens alone is read, and one without a value is told', async () => {
    await using folder = await newFolder()
    const reads = {
      read_tokens: [
        { id: 1, name: 'a', value: value(6) },
        { id: 2, name: 'b' },
      ],
    }
    const { code, stdout } = await importing(
      'packagecloud',
      await folder.put('m.json', JSON.stringify(reads)),
    )
    expect(code).toBe(1)
    expect(stdout).toContain('1 x secret that the file does not have\n      "b"\n')
  })

  test.each(['{}', '[[]]', 'x', '[{"name":"m","read_tokens":[5]}]'])('%s is refused', async (text) => {
    await using folder = await newFolder()
    const { code } = await importing('packagecloud', await folder.put('m.json', text))
    expect(code).toBe(1)
    expect(await listAll(api)).toEqual([])
  })
})

describe('import htpasswd', () => {
  const FILE = [
    '# customers',
    'plain:plain-password-1',
    'nginx:{PLAIN}plain-password-2',
    'bcrypt:$2y$05$abcdefghijklmnopqrstuuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01',
    'apr1:$apr1$Xxxxxxxx$abcdefghijklmnopqrstu/',
    'sha:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
    'des:rqXexS6ZhobKA',
    'spaces:pass word 1',
    '',
  ].join('\r\n')

  test('plain passwords stay, hashes are told by their kind', async () => {
    await using folder = await newFolder()
    const { code, stdout } = await importing('htpasswd', await folder.put('.htpasswd', FILE))
    expect(code).toBe(1)
    expect(stdout).toMatch(/^2 tokens came to acme\/stable, 0 were there already, 5 are left out\.\n/)
    for (const kind of ['bcrypt', 'Apache MD5 (apr1)', 'SHA-1', 'DES crypt, or a plain password of 13']) {
      expect(stdout).toContain(`1 x password that is a hash (${kind}`)
    }
    expect(stdout).toContain('1 x secret that none can be here')
    expect(stdout).not.toContain('pass word')
    expect(await listAll(api)).toMatchObject([
      { name: 'nginx', token: 'plain-password-2' },
      { name: 'plain', token: 'plain-password-1' },
    ])
  })

  test('a file as Windows writes it, with zero bytes and endless lines, gives what it has', async () => {
    await using folder = await newFolder()
    const lines = [
      '\uFEFFfirst:password-of-first',
      'nul\u0000:password-of-nul',
      'odd:pass\u0000word',
      `long:${'y'.repeat(1_000_000)}`,
      `${'z'.repeat(1_000_000)}:password-of-z`,
      'again:password-of-first',
      'last:password-of-last',
    ]
    const file = await folder.put('.htpasswd', `${lines.join('\r\n')}\r\n`)
    const { code, stdout } = await importing('htpasswd', file)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^2 tokens came to acme\/stable, 0 were there already, 5 are left out\.\n/)
    expect(stdout.split('\n').every((line) => line.length < 200)).toBe(true)
    expect((await listAll(api)).map(({ name }) => name)).toEqual(['first', 'last'])
  })

  test('--new-secrets makes new ones of those that are lost, and writes them down', async () => {
    await using folder = await newFolder()
    const [file, secrets] = [await folder.put('.htpasswd', FILE), folder.path('secrets.csv')]
    const { code, stdout } = await importing('htpasswd', file, ['--new-secrets', secrets])
    expect(code).toBe(0)
    expect(stdout).toContain(`The new secrets are in ${secrets}.\n`)
    expect((await stat(secrets)).mode & 0o777).toBe(0o600)
    const tokens = await listAll(api)
    const made = tokens.filter(({ name }) => name !== 'plain' && name !== 'nginx')
    expect(made).toHaveLength(5)
    const lines = (await readFile(secrets, 'utf8')).trim().split('\r\n')
    expect(lines.toSorted()).toEqual(
      ['"name","token"', ...made.map(({ name, token }) => `"${String(name)}","${String(token)}"`)].toSorted(),
    )
    const again = await importing('htpasswd', file, ['--new-secrets', secrets])
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') })
    // What was made but not written down is written down by the next attempt.
    const next = folder.path('next.csv')
    await importing('htpasswd', file, ['--new-secrets', next])
    expect((await readFile(next, 'utf8')).trim().split('\r\n').toSorted()).toEqual(lines.toSorted())
    expect(await listAll(api)).toEqual(tokens)
  })

  test('new secrets go into an empty file that a killed attempt left, and none is left by one that fails', async () => {
    await using folder = await newFolder()
    const file = await folder.put('.htpasswd', 'a:$apr1$Xxxxxxxx$abcdefghijklmnopqrstu/')
    const left = await folder.put('left.csv', '')
    expect(await importing('htpasswd', file, ['--new-secrets', left])).toMatchObject({ code: 0 })
    expect(await readFile(left, 'utf8')).toMatch(/^"name","token"\r\n"a","ptk/)
    const next = folder.path('next.csv')
    const { code } = await importing('htpasswd', file, ['--new-secrets', next], { api: 'http://127.0.0.1:9' })
    expect(code).toBe(2)
    await expect(readFile(next)).rejects.toThrow('ENOENT')
    const elsewhere = await importing('htpasswd', file, ['--new-secrets', folder.path('no/such/folder.csv')])
    expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining("can't be written (ENOENT)") })
  })

  test('--plain takes what looks like a hash for a password', async () => {
    await using folder = await newFolder()
    await importing('htpasswd', await folder.put('p', 'a:rqXexS6ZhobKA\n'), ['--plain'])
    expect(await listAll(api)).toMatchObject([{ name: 'a', token: 'rqXexS6ZhobKA' }])
  })

  test('a line that is no user and password is refused by its number', async () => {
    await using folder = await newFolder()
    const file = await folder.put('p', 'a:plain-password\ndo-not-repeat\n')
    const { code, stderr } = await importing('htpasswd', file)
    expect([code, stderr]).toEqual([1, 'error: Line 2 is not like user:password.\n'])
    expect(await listAll(api)).toEqual([])
  })
})

describe('an import that is killed', () => {
  const COUNT = 6_000

  function startImport(folder: Folder): ReturnType<typeof spawn> {
    const args = ['src/main.ts', 'import', 'cloudsmith', folder.path('a.json'), ...REPOSITORY]
    return spawn(process.execPath, args, {
      env: cleanEnvironment({ POSTERN_API: api.url, POSTERN_API_KEY: KEY }),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }

  const countTokens = async (): Promise<number> =>
    (await api.store.tokens.walk('acme', 'stable', null, COUNT + 1)).length

  test('goes on when it is started again: every token is there once', async () => {
    await using folder = await newFolder()
    const tokens = Array.from({ length: COUNT }, (_, index) =>
      cloudsmithToken({ name: `Customer ${index}`, token: `secret-of-${index}` }),
    )
    await folder.put('a.json', JSON.stringify({ data: tokens }))
    const killed = startImport(folder)
    await waitFor(async () => (await countTokens()) > 0, { what: 'the first tokens' })
    killed.kill('SIGKILL')
    expect((await once(killed, 'exit'))[1]).toBe('SIGKILL')
    const came = await countTokens()
    expect(came).toBeLessThan(COUNT)
    const again = startImport(folder)
    const [code] = await once(again, 'exit')
    expect(code).toBe(0)
    const all = await api.store.tokens.walk('acme', 'stable', null, COUNT + 1)
    expect(new Set(all.map(({ digest }) => digest)).size).toBe(COUNT)
    expect(all).toHaveLength(COUNT)
  }, 60_000)
})
