import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { canStartMachine, runOnMachine } from '../support/machine.ts'
import type { Finished } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { expectSuccess } from './entitlements.ts'

/** The scripts as people run them: on a whole system, with its real apt, dnf and zypper, and BusyBox for apk's. */

let storage: Storage
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('deb', 'rpm')
  await mkdir(join(storage.root, 'alpine/v3.20/main/x86_64'), { recursive: true })
  await writeFile(join(storage.root, 'alpine/v3.20/main/x86_64/APKINDEX.tar.gz'), 'index')
  await writeFile(
    join(storage.root, 'alpine/acme.rsa.pub'),
    '-----BEGIN PUBLIC KEY-----\nMFww\n-----END PUBLIC KEY-----\n',
  )
  const repositories = {
    'acme/stable': { format: 'deb', upstream: `${storage.url}/debian/` },
    'acme/el': { format: 'rpm', upstream: `${storage.url}/rpm/`, setup: { signed_packages: false } },
    'acme/alpine': { format: 'alpine', upstream: `${storage.url}/alpine/`, setup: { key: 'acme.rsa.pub' } },
  } as const
  gate = await startGate({ config: { repositories } })
})

afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

const FORMS = ['path', 'basic'] as const
type Form = (typeof FORMS)[number]

/** What a person types. */
function pipe(form: Form, secret: string, script: string, shell = 'sh'): string {
  const url = form === 'path' ? `${gate.url}/${secret}/${script}` : `${gate.url}/basic/${script}`
  return `curl -fsS ${form === 'path' ? '' : `-u token:${secret} `}${url} | ${shell}`
}

/** A shell stops at the first command that fails, those before a pipe too. */
function onMachine(...lines: readonly string[]): Promise<Finished> {
  return runOnMachine(`exec bash -o pipefail -ec '${lines.join('\n').replaceAll("'", `'\\''`)}'`)
}

describe.skipIf(!canStartMachine())('a machine', () => {
  test.each(FORMS)('with apt is set up by one line, with the secret in the form "%s"', async (form) => {
    const { token } = await gate.createToken('acme/stable')
    const ran = await onMachine(
      pipe(form, token, 'acme/stable/setup.deb.sh'),
      'apt-get install --yes -q hello-postern',
      'echo installed: $(cat /usr/share/hello-postern/version)',
      'stat -c "%a %U %n" /etc/apt/sources.list.d/* /etc/apt/auth.conf.d/* 2>/dev/null || true',
      `echo readable by all: $(find /etc/apt /var/lib/apt -perm -o=r -type f -exec grep -l ${token} {} + || true)`,
    )
    expectSuccess(ran)
    expect(ran.stdout).toContain('installed: 2.0~rc1+dfsg-1')
    expect(ran.stdout).toContain('644 root /etc/apt/sources.list.d/acme-stable.list')
    const isHidden = [/^600 root .*auth\.conf\.d\/acme-stable\.conf$/m, /^readable by all: *$/m].map((each) =>
      each.test(ran.stdout),
    )
    expect(isHidden).toEqual(form === 'basic' ? [true, true] : [false, false])
  })

  test('with apt is set up anew with a renewed secret', async () => {
    const old = await gate.createToken('acme/stable')
    const { token } = await gate.createToken('acme/stable')
    const ran = await onMachine(
      pipe('basic', old.token, 'acme/stable/setup.deb.sh'),
      pipe('basic', token, 'acme/stable/setup.deb.sh', 'bash'),
      'cat /etc/apt/auth.conf.d/*',
    )
    expectSuccess(ran)
    expect(ran.stdout).toContain(token)
    expect(ran.stdout).not.toContain(old.token)
  })

  test.each(FORMS)('with dnf is set up by one line, with the secret in the form "%s"', async (form) => {
    const { token } = await gate.createToken('acme/el')
    const ran = await onMachine(
      pipe(form, token, 'acme/el/setup.rpm.sh', 'bash'),
      'stat -c "%a %U %n" /etc/yum.repos.d/*',
      'dnf --assumeyes --quiet install plain-demo',
      'echo installed: $(cat /usr/share/plain-demo/version)',
    )
    expectSuccess(ran)
    expect(ran.stdout).toContain('600 root /etc/yum.repos.d/acme-el.repo')
    expect(ran.stdout).toContain('installed: 2.0-1')
  })

  test.each(FORMS)('with zypper is set up by one line, with the secret in the form "%s"', async (form) => {
    const { token } = await gate.createToken('acme/el')
    const ran = await onMachine(
      'rm -f /usr/bin/dnf /usr/bin/yum /usr/bin/microdnf',
      pipe(form, token, 'acme/el/setup.rpm.sh'),
      'zypper --non-interactive search --repo acme-el plain-demo',
      'stat -c "%a %U %n" /etc/zypp/repos.d/*',
      'grep -c password /etc/zypp/repos.d/acme-el.repo || true',
    )
    expectSuccess(ran)
    expect(ran.stdout).toContain('600 root /etc/zypp/repos.d/acme-el.repo\n0\n')
    expect(ran.stdout).toMatch(/\| plain-demo +\|/)
  })

  test.each(FORMS)(
    'with apk is set up by one line, twice, with the secret in the form "%s"',
    async (form) => {
      const { token } = await gate.createToken('acme/alpine')
      const script = 'acme/alpine/setup.alpine.sh'
      const fetch =
        form === 'path'
          ? `wget -q -O - ${gate.url}/${token}/${script}`
          : `wget -q -O - --header "X-Api-Key: ${token}" ${gate.url}/basic/${script}`
      const ran = await onMachine(
        'mkdir /bb /etc/apk && busybox --install -s /bb',
        'printf "#!/bin/sh\\necho apk \\"\\$@\\" >&2\\n[ \\"\\$1\\" != --print-arch ] || echo x86_64\\n" > /bb/apk && chmod 755 /bb/apk',
        'echo https://dl-cdn.alpinelinux.org/alpine/v3.20/main > /etc/apk/repositories',
        `export PATH=/bb distro=alpine version=3.20.3`,
        `${fetch} | ash`,
        `${fetch} | ash`,
        'cat /etc/apk/repositories /etc/apk/keys/acme.rsa.pub',
      )
      expectSuccess(ran)
      const { host } = new URL(gate.url)
      const line =
        form === 'path'
          ? `http://${host}/${token}/acme/alpine/v3.20/main`
          : `http://token:${token}@${host}/basic/acme/alpine/v3.20/main`
      expect(ran.stdout).toContain(
        `https://dl-cdn.alpinelinux.org/alpine/v3.20/main\n# acme-alpine, set up by Postern\n${line}\n-----BEGIN`,
      )
      expect(ran.stderr.match(/^apk update$/gm)).toHaveLength(2)
    },
  )

  test('that is refused is told why, changes nothing, and says so to whoever called', async () => {
    const { token } = await gate.createToken('acme/stable', { is_active: false })
    const ran = await runOnMachine(
      [
        `curl -s ${gate.url}/${token}/acme/stable/setup.deb.sh | sh; echo code: $?`,
        `curl -s -u token:nobody-0815 ${gate.url}/basic/acme/stable/setup.deb.sh | bash; echo code: $?`,
        'ls /etc/apt/sources.list.d /etc/apt/auth.conf.d',
      ].join('\n'),
    )
    expect(ran.stdout).toBe('code: 1\ncode: 1\n/etc/apt/auth.conf.d:\n\n/etc/apt/sources.list.d:\n')
    expect(ran.stderr).toMatch(/^postern: Token disabled\. .*\npostern: Unknown token\. .*\n$/)
  })

  test('whose token ends half-way is told why, and what failed', async () => {
    const { token, slug_perm } = await gate.createToken('acme/stable')
    const script = await (await fetch(`${gate.url}/${token}/acme/stable/setup.deb.sh`)).text()
    await gate.admin('POST', `/entitlements/acme/stable/${slug_perm}/disable/`)
    const ran = await runOnMachine(`${script}\n`)
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(/^postern: gets no gpg\.key: Token disabled\. /)
  })
})
