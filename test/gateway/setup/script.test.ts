import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Arbitrary, assert, asyncProperty, constantFrom, oneof, record, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileNameOf, writeScript, type ScriptFacts } from '../../../src/gateway/setup/script.ts'
import type { SetupFormat } from '../../../src/request/setup-page.ts'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from '../../support/processes.ts'

const FORMATS: readonly SetupFormat[] = ['deb', 'rpm', 'alpine']
const SHELLS = ['dash', 'bash'] as const

const FACTS: ScriptFacts = {
  owner: 'acme',
  repo: 'stable',
  baseUrl: 'https://packages.example.com/basic/acme/stable/',
  secret: 'secret-0815',
  keyName: 'acme.rsa.pub',
}

/** What the gate answers, as a curl that stands in for it gives it; keeps what it was told. */
const CURL = `#!/bin/sh
n=0; while [ -e "$HERE/asked.$n" ]; do n=$((n + 1)); done
cat > "$HERE/asked.$n"
while [ "$#" -gt 0 ]; do [ "$1" != --output ] || out=$2; shift; done
printf 'deb [signed-by=/etc/apt/keyrings/k.asc] http://x stable main\\nbaseurl=http://x\\n' > "$out"
printf "\${STATUS-200}"
`
/** Programs that change the system do nothing here. */
const IDLE = ['rpm', 'dnf', 'apt-get', 'dpkg', 'apk', 'zypper']

interface Ran extends Finished {
  /** The configurations that curl was given. */
  readonly asked: readonly string[]
  /** Files below the root, and their modes. */
  readonly files: Readonly<Record<string, string>>
  readonly contentOf: (path: string) => Promise<string>
  readonly isTouched: boolean
}

/** Runs a script whose words may try to make the file `touched` in the current folder. */
async function runScript<T>(
  script: string,
  shell: string,
  use: (ran: Ran) => T | Promise<T>,
  env: Record<string, string> = {},
): Promise<T> {
  await using directory = await temporaryDirectory('script')
  const here = directory.path
  const root = join(here, 'root')
  await mkdir(join(root, 'etc'), { recursive: true })
  await mkdir(join(here, 'bin'))
  await writeFile(join(root, 'etc/os-release'), 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n')
  await writeFile(join(here, 'bin/curl'), CURL)
  for (const name of IDLE) await writeFile(join(here, 'bin', name), '#!/bin/sh\nexit 0\n')
  for (const name of [...IDLE, 'curl']) await chmod(join(here, 'bin', name), 0o755)
  await writeFile(join(here, 'script'), script)
  const path = `${join(here, 'bin')}:/usr/bin:/bin`
  const finished = await run('sh', ['-c', `${shell} < ./script`], {
    cwd: here,
    env: cleanEnvironment({ PATH: path, HERE: here, POSTERN_ROOT: root, TMPDIR: here, ...env }),
  })
  const asked = (await readdir(here)).filter((name) => name.startsWith('asked.')).toSorted()
  return use({
    ...finished,
    asked: await Promise.all(asked.map((name) => readFile(join(here, name), 'utf8'))),
    files: await modesBelow(root),
    contentOf: (file) => readFile(join(root, file), 'utf8'),
    isTouched: existsSync(join(here, 'touched')) || existsSync(join(root, 'touched')),
  })
}

async function modesBelow(root: string): Promise<Record<string, string>> {
  const names = await readdir(root, { recursive: true })
  const modes: Record<string, string> = {}
  for (const name of names.toSorted()) {
    const found = await stat(join(root, name))
    if (found.isFile() && name !== 'etc/os-release') modes[name] = (found.mode & 0o777).toString(8)
  }
  return modes
}

describe.each(SHELLS)('with %s', (shell) => {
  test('the script for apt writes a source that all may read and a login that root may', async () => {
    await runScript(writeScript('deb', FACTS), shell, async ({ code, output, files, asked, contentOf }) => {
      expect(code === 0 ? '' : output).toBe('')
      expect(files).toEqual({
        'etc/apt/auth.conf.d/acme-stable.conf': '600',
        'etc/apt/keyrings/k.asc': '644',
        'etc/apt/sources.list.d/acme-stable.list': '644',
      })
      expect(await contentOf('etc/apt/auth.conf.d/acme-stable.conf')).toBe(
        'machine https://packages.example.com/basic/acme/stable login token password secret-0815\n',
      )
      expect(asked[1]).toMatch(/config\.deb\.txt\?distro=debian&codename=bookworm&version=12&arch=/)
    })
  })

  test('the script for dnf writes a file that only root may read', async () => {
    await runScript(writeScript('rpm', FACTS), shell, ({ code, output, files }) => {
      expect(code === 0 ? '' : output).toBe('')
      expect(files).toEqual({ 'etc/yum.repos.d/acme-stable.repo': '600' })
    })
  })

  test('the script for apk names the key as the vendor does', async () => {
    await runScript(writeScript('alpine', FACTS), shell, ({ code, output, files }) => {
      expect(code === 0 ? '' : output).toBe('')
      expect(files).toEqual({ 'etc/apk/keys/acme.rsa.pub': '644', 'etc/apk/repositories': '644' })
    })
  })

  test.each(FORMATS)('a %s script that was cut off anywhere does nothing', async (format) => {
    const script = writeScript(format, FACTS)
    const cuts = [0.1, 0.5, 0.9].map((part) => Math.floor(script.length * part))
    for (const cut of [...cuts, script.length - 'set_up "$@"\n'.length]) {
      await runScript(script.slice(0, cut), shell, ({ asked, files }) => {
        expect([asked, files]).toEqual([[], {}])
      })
    }
  })

  test.each(FORMATS)(
    'a refused %s script leaves no file behind, and fails with the reason',
    async (format) => {
      await runScript(
        writeScript(format, FACTS),
        shell,
        ({ code, stderr, files }) => {
          expect([code, files]).toEqual([1, {}])
          expect(stderr).toMatch(/^postern: gets no (gpg|rsa)\.key: /)
        },
        { STATUS: '403' },
      )
    },
  )

  test('the system that it is told counts, and odd names are refused', async () => {
    const script = writeScript('deb', FACTS)
    await runScript(
      script,
      shell,
      ({ asked }) => expect(asked[1]).toContain('distro=ubuntu&codename=noble&'),
      {
        distro: 'ubuntu',
        codename: 'noble',
      },
    )
    await runScript(script, shell, ({ code, asked }) => expect([code, asked]).toEqual([1, []]), {
      distro: 'x&y="\n',
    })
  })

  test('no name, secret or URL is anything but text to the shell, curl and the file system', async () => {
    await assert(
      asyncProperty(HOSTILE_FACTS, constantFrom(...FORMATS), async (facts, format) => {
        await runScript(writeScript(format, facts), shell, ({ code, output, asked, files, isTouched }) => {
          expect(code === 0 ? '' : output).toBe('')
          expect(isTouched).toBe(false)
          expect(asked.map((config) => config.replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""'))).toEqual([
            LOGIN,
            LOGIN,
          ])
          const odd = Object.keys(files).filter((name) => !FILE.test(name))
          expect(odd).toEqual([])
        })
      }),
      { numRuns: 15 },
    )
  })
})

const LOGIN = 'url = ""\nuser = ""\n'
const FILE =
  /^etc\/(?:apt\/(?:keyrings|auth\.conf\.d|sources\.list\.d)|yum\.repos\.d|apk|apk\/keys)\/[A-Za-z0-9_][A-Za-z0-9@._+-]*$/

const TRICKS = [
  '$(touch touched)',
  '`touch touched`',
  "'; touch touched; '",
  '"; touch touched; "',
  '\ntouch touched\n',
  '"\noutput = "touched"\n"',
  '}\ntouch touched\nset_up() {',
  '../../touched',
  '/../x',
  "\\'",
  '-rf',
  '%s%n',
  '&|;<>(){}[]*?~!#',
  'ü\u2028',
]
const HOSTILE = oneof(
  constantFrom(...TRICKS),
  string({ unit: 'binary', minLength: 1, maxLength: 20 }),
).filter((text) => text.replaceAll('\0', '') !== '')
const HOSTILE_FACTS: Arbitrary<ScriptFacts> = record({
  owner: HOSTILE,
  repo: HOSTILE,
  baseUrl: HOSTILE.map((text) => `https://packages.example.com/${text.toWellFormed()}/`),
  secret: HOSTILE,
  keyName: HOSTILE,
})

test('files are called by owner and repository, in letters that apt accepts', () => {
  expect(fileNameOf('acme', 'stable')).toBe('acme-stable')
  expect(fileNameOf('../etc', 'a b')).toBe('_._etc-a_b')
})
