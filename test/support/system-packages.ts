import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Sees to it that the programs the tests run are there: real package clients, a real nginx as storage, and what builds
 * repositories. As root on Debian what is missing is installed; anywhere else it is named. `npm test` runs this first.
 */

/** Command, or its path → the Debian package that brings it, or several, of which the first that there is will do. */
const PACKAGE_OF: Readonly<Record<string, string | readonly [string, string]>> = {
  // The server itself; nginx-light is the same with a module that no test needs.
  nginx: 'nginx',
  'apt-get': 'apt',
  'apt-ftparchive': 'apt-utils',
  'dpkg-deb': 'dpkg',
  rpmbuild: 'rpm',
  createrepo_c: 'createrepo-c',
  dnf: 'dnf',
  zypper: 'zypper',
  busybox: 'busybox',
  dash: 'dash',
  pacman: 'pacman-package-manager',
  luarocks: 'luarocks',
  'lua5.1': 'lua5.1',
  curl: 'curl',
  gpg: 'gpg',
  'gpg-agent': 'gpg-agent',
  gpgconf: 'gpgconf',
  gpgv: 'gpgv',
  tar: 'tar',
  // Debian's own, whatever other Pythons are on the PATH.
  '/usr/bin/pip3': 'python3-pip',
  mvn: 'maven',
  go: 'golang-go',
  // Debian 12 has a second one, because its own is too old for sparse registries.
  cargo: ['cargo-web', 'cargo'],
  nuget: 'nuget',
  'docker-registry': 'docker-registry',
  skopeo: 'skopeo',
  ruby: 'ruby',
  // `bundle` itself; the package `bundler` only names it.
  bundle: 'ruby-bundler',
  composer: 'composer',
  php: 'php-cli',
  // No commands: what shows that they are there.
  '/usr/share/doc/php-curl': 'php-curl',
  '/usr/share/doc/php-zip': 'php-zip',
  openssl: 'openssl',
  haproxy: 'haproxy',
  caddy: 'caddy',
  ip: 'iproute2',
  unshare: 'util-linux',
  prlimit: 'util-linux',
  chromium: 'chromium',
  'systemd-analyze': 'systemd',
  'systemd-socket-activate': 'systemd',
  'systemd-notify': 'systemd',
  '/usr/bin/python3': 'python3',
  zsh: 'zsh',
  fish: 'fish',
  'docker-compose': 'docker-compose',
  'redis-server': 'redis-server',
  'redis-sentinel': 'redis-sentinel',
  'redis-cli': 'redis-tools',
  // A storage that speaks S3 and verifies signatures.
  '/usr/bin/swift-proxy-server': 'swift-proxy',
  '/usr/bin/swift-account-server': 'swift-account',
  '/usr/bin/swift-container-server': 'swift-container',
  '/usr/bin/swift-object-server': 'swift-object',
  memcached: 'memcached',
  // With promtool.
  prometheus: 'prometheus',
  promtool: 'prometheus',
}

const APT_GET = 'apt-get'
const UPDATE_TIMEOUT_MS = 180_000
const INSTALL_TIMEOUT_MS = 420_000
/** A network that stalls must not hold the tests up for ever; another apt-get at work is waited for. */
const APT_OPTIONS = [
  '-o',
  'Acquire::http::Timeout=20',
  '-o',
  'Acquire::https::Timeout=20',
  '-o',
  'Acquire::Retries=2',
  '-o',
  'DPkg::Lock::Timeout=120',
]

/** Debian keeps some of them where a normal user's PATH does not look. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']

function isInstalled(command: string): boolean {
  const places = command.startsWith('/') ? [command] : FOLDERS.map((folder) => join(folder, command))
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function missingPackages(): string[] {
  const missing = Object.entries(PACKAGE_OF).filter(([command]) => !isInstalled(command))
  return [...new Set(missing.map(([, names]) => (typeof names === 'string' ? names : choose(names))))]
}

function choose([first, second]: readonly [string, string]): string {
  const { status, stdout } = spawnSync('apt-cache', ['show', first], { encoding: 'utf8' })
  return status === 0 && stdout !== '' ? first : second
}

function aptGet(timeoutMs: number, ...args: string[]): { readonly ok: boolean; readonly output: string } {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = { env, timeout: timeoutMs, encoding: 'utf8' as const, maxBuffer: 64 * 1024 * 1024 }
  const { status, stdout, stderr, error } = spawnSync(APT_GET, ['-q', ...APT_OPTIONS, ...args], options)
  return {
    ok: status === 0,
    output: `${stdout ?? ''}${stderr ?? ''}${error === undefined ? '' : String(error)}`,
  }
}

function install(): void {
  // Even when some source can't be reached, the others may have what is needed.
  const update = aptGet(UPDATE_TIMEOUT_MS, 'update')
  const packages = missingPackages()
  console.log(`Installing the Debian packages that the tests need: ${packages.join(' ')}`)
  const result = withoutStarting(() =>
    aptGet(INSTALL_TIMEOUT_MS, 'install', '--yes', '--no-install-recommends', ...packages),
  )
  if (!result.ok) console.error(`${update.ok ? '' : update.output}${result.output}`)
}

/**
 * The tests run an nginx of their own; the one of the machine must not begin to listen on port 80 because it was installed. Debian
 * asks this file before a package starts its service (invoke-rc.d(8)); where one exists already, it stays as it is.
 */
const POLICY = '/usr/sbin/policy-rc.d'

function withoutStarting<Result>(act: () => Result): Result {
  if (existsSync(POLICY)) return act()
  const ignore = (): void => undefined
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  // An interrupted apt-get ends by itself; the file has to be taken away all the same.
  for (const signal of signals) process.on(signal, ignore)
  try {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
    return act()
  } finally {
    rmSync(POLICY, { force: true })
    for (const signal of signals) process.off(signal, ignore)
  }
}

function explain(packages: readonly string[]): void {
  const list = packages.join(' ')
  console.error(`The tests need programs that are not here. Debian packages: ${list}`)
  console.error(`  sudo apt-get update && sudo apt-get install --no-install-recommends ${list}`)
}

const needed = missingPackages()
const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version') && isInstalled(APT_GET)
if (needed.length > 0 && canInstall) install()
const stillMissing = needed.length > 0 ? missingPackages() : []
if (stillMissing.length > 0) explain(stillMissing)
process.exitCode = stillMissing.length > 0 ? 1 : 0
