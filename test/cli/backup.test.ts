import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProgress } from '../../src/cli/copy-view.ts'
import { newKey, newName, newToken } from '../store/conformance/fixtures.ts'
import { sqliteAt } from '../backup/places.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'
import { run, type RunOptions } from './run.ts'

const KEY = 'a key that is long enough for a server'

let folder: TemporaryDirectory
beforeAll(async () => {
  folder = await temporaryDirectory('cli-backup')
})
afterAll(() => folder.remove())

interface Installed {
  readonly config: string
  readonly database: string
  readonly file: string
}

/** A configuration with a database of its own. `secretKey` null: the key lies beside it, or nowhere. */
async function install(secretKey: string | null = KEY): Promise<Installed> {
  const own = join(folder.path, newName())
  const [config, database, file] = ['postern.yaml', 'postern.db', 'backup.gz'].map((each) =>
    join(own, each),
  ) as [string, string, string]
  await mkdir(dirname(config))
  const key = secretKey === null ? '' : `secret_key: ${secretKey}\n`
  const repositories = 'repositories: { acme/files: { format: raw, upstream: "http://127.0.0.1:9/" } }'
  await writeFile(config, `store: sqlite:postern.db\n${key}${repositories}\n`)
  return { config, database, file }
}

/** The same with a token and a key in it. */
async function installed(): Promise<Installed> {
  const made = await install()
  const store = await sqliteAt(made.database).open()
  await store.tokens.create(newToken())
  await store.keys.create(newKey())
  await store.close()
  return made
}

function postern(options: RunOptions, ...args: string[]): ReturnType<typeof run> {
  return run(args, options)
}

describe('postern backup', () => {
  test('says what is in the file, how large it is and how long it took', async () => {
    const { config, file } = await installed()
    const { code, stdout, stderr } = await postern({}, 'backup', file, '--config', config)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain(`The backup is in ${file}.`)
    expect(stderr).toMatch(/tokens +1\n/)
    expect(stderr).toMatch(/API keys +1\n/)
    expect(stderr).toMatch(/of a sqlite store, by Postern 1\.2\.3/)
    expect(stderr).toMatch(/size +\S+ k?B/)
  })

  test('prints JSON when asked to', async () => {
    const { config, file } = await installed()
    const { stdout } = await postern({}, 'backup', file, '--config', config, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      store: 'sqlite',
      postern: '1.2.3',
      records: { token: 1, key: 1 },
      bytes: (await readFile(file)).length,
      left_out: [],
      key_checked: true,
    })
  })

  test('makes no database and no key where there is none', async () => {
    const { config, file } = await install()
    const missing = await postern({}, 'backup', file, '--config', config)
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringMatching(/There is no database at/) })
    const keyless = await install(null)
    const refused = await postern({}, 'backup', keyless.file, '--config', keyless.config)
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no server key.*postern\.db\.key/s),
    })
  })

  test('names a folder that is no file, a folder that is missing, and mistakes of the configuration', async () => {
    const { config, file } = await installed()
    const isFolder = await postern({}, 'backup', dirname(file), '--config', config)
    expect(isFolder).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is a folder; name a file in it/),
    })
    const isMissing = await postern({}, 'backup', join(file, 'x'), '--config', config)
    expect(isMissing).toMatchObject({ code: 2, stderr: expect.stringMatching(/ENOENT/) })
    const isWrong = await postern({}, 'backup', file, '--config', `${config}.not`)
    expect(isWrong).toMatchObject({ code: 1, stderr: expect.stringMatching(/there is no such file/) })
  })

  test('does not write to a terminal, nor two things to one stream', async () => {
    const { config } = await installed()
    const terminal = await postern({ columns: 80 }, 'backup', '-', '--config', config)
    expect(terminal).toMatchObject({ code: 1, stderr: expect.stringMatching(/name a file/) })
    const both = await postern({}, 'backup', '-', '--json', '--config', config)
    expect(both).toMatchObject({ code: 1, stderr: expect.stringMatching(/leave --json out/) })
  })

  test('--verify tells a whole file from one that is cut off, with or without the key', async () => {
    const { config, file } = await installed()
    await postern({}, 'backup', file, '--config', config)
    const checked = await postern({}, 'backup', '--verify', file, '--config', config)
    expect(checked).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/The backup is whole\.[^]*tokens +1\n/),
    })
    expect(checked.stderr).not.toMatch(/not checked/)
    const keyless = await postern({}, 'backup', '--verify', file)
    expect(keyless).toMatchObject({ code: 0, stderr: expect.stringMatching(/server key +not checked/) })
    await writeFile(file, (await readFile(file)).subarray(0, -9))
    const cut = await postern({}, 'backup', '--verify', file, '--config', config)
    expect(cut).toMatchObject({ code: 1, stderr: expect.stringMatching(/backup\.gz: It is cut off/) })
    const missing = await postern({}, 'backup', '--verify', `${file}.not`)
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringMatching(/ENOENT/) })
  })
})

describe('postern restore', () => {
  async function backedUp(): Promise<string> {
    const { config, file } = await installed()
    await postern({}, 'backup', file, '--config', config)
    return file
  }

  test('fills an empty store', async () => {
    const file = await backedUp()
    const { config, database } = await install()
    const { code, stderr } = await postern({}, 'restore', file, '--config', config)
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/The backup is restored\./),
    })
    const store = await sqliteAt(database).open()
    expect(await store.keys.count()).toBe(1)
    await store.close()
  })

  test('asks before it replaces, and takes no for an answer', async () => {
    const file = await backedUp()
    const { config } = await installed()
    const refused = await postern({}, 'restore', file, '--config', config)
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/1 token, 1 API key[^]*--replace/),
    })
    const args = ['restore', file, '--config', config, '--replace']
    const nobody = await postern({}, ...args)
    expect(nobody).toMatchObject({ code: 2, stderr: expect.stringMatching(/--yes/) })
    const no = await postern({ answer: 'n' }, ...args)
    expect(no).toMatchObject({ code: 1, stderr: expect.stringMatching(/Nothing was changed/) })
    expect(no.questions[0]).toMatch(/has 1 token, 1 API key\. Remove all of it/)
    expect(await postern({ answer: 'y' }, ...args)).toMatchObject({ code: 0 })
    expect(await postern({}, ...args, '--yes')).toMatchObject({ code: 0 })
  })

  test('refuses the backup of another server key and says what to do', async () => {
    const file = await backedUp()
    const { config, database } = await install('quite another key, and long enough')
    const refused = await postern({}, 'restore', file, '--config', config)
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/another server key[^]*secret_key/),
    })
    await expect(readFile(database)).rejects.toThrow(/ENOENT/)
  })

  test('reads the key from the file beside the database', async () => {
    const file = await backedUp()
    const { config, database } = await install(null)
    await writeFile(`${database}.key`, `${KEY}\n`)
    expect(await postern({}, 'restore', file, '--config', config)).toMatchObject({ code: 0 })
  })

  test('refuses while a process uses the store', async () => {
    const file = await backedUp()
    const { config, database } = await install()
    const store = await sqliteAt(database).open()
    const refused = await postern({}, 'restore', file, '--config', config)
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/A process of Postern uses this store/),
    })
    expect(await postern({}, 'restore', file, '--config', config, '--force')).toMatchObject({ code: 0 })
    await store.close()
  })
})

test('progress is a bar at a terminal, and a line now and then elsewhere', async () => {
  const written: string[] = []
  let now = 0
  const show = (isTerminal: boolean, total: number | null): string => {
    written.length = 0
    const screen = { write: (text: string) => void written.push(text), isTerminal, columns: undefined }
    const progress = createProgress(screen, () => now)
    progress.show({ step: 'restore', records: 1, total })
    now += 10_000
    progress.show({ step: 'restore', records: 50, total })
    progress.end()
    return written.join('')
  }
  expect(show(false, 200)).toBe('Restoring: 50 records of 200 (25 %)\n')
  expect(show(false, null)).toBe('Restoring: 50 records\n')
  expect(show(true, 200)).toBe(
    '\r\u001B[KRestoring [########----------------------] 25 % of 200 records\r\u001B[K',
  )
})
