import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanEnvironment, run, type Finished } from './processes.ts'

/** A file system of its own over that of this machine: what is written goes away with the process, and changes nothing here. */
const ENTER = `
set -e
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount --rbind /proc "$1/root/proc"
mount --rbind /dev "$1/root/dev"
cd "$1/root"
rm -f etc/apt/sources.list etc/apt/sources.list.d/* etc/yum.repos.d/*
printf 'DPkg::Use-Pty "false";\\n' > etc/apt/apt.conf.d/99test
[ "$2" = root ] || printf 'APT::Sandbox::User "root";\\n' >> etc/apt/apt.conf.d/99test
exec chroot . /bin/sh -c "$3"
`

/** Root may mount, and whoever may make a user namespace; containers can forbid both. */
const NAMESPACES = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user']

/** False where this system does not let anybody mount: then there is no machine. */
export function canStartMachine(): boolean {
  return withFolderSync((folder) => {
    const { status } = spawnSync(
      'unshare',
      [...NAMESPACES, 'sh', '-c', ENTER, 'sh', folder, 'root', 'true'],
      {
        env: cleanEnvironment(),
      },
    )
    return status === 0
  })
}

/**
 * Runs a script as root of a Debian machine like this one, without its sources of packages; programs of the machine are there, and so is the
 * network. The machine is gone when the script ends.
 */
export async function runOnMachine(script: string): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-machine-'))
  const user = process.getuid?.() === 0 ? 'root' : 'mapped'
  const env = cleanEnvironment({ DEBIAN_FRONTEND: 'noninteractive', HOME: '/root' })
  try {
    return await run('unshare', [...NAMESPACES, 'sh', '-c', ENTER, 'sh', folder, user, script], {
      env,
      timeoutMs: 120_000,
    })
  } finally {
    rmdirSync(folder)
  }
}

function withFolderSync<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'postern-machine-'))
  try {
    return use(folder)
  } finally {
    rmdirSync(folder)
  }
}
