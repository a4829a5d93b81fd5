import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release } from 'node:os'

/** USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10

/** CPU time of a process so far, user and system, all its threads, in ms. Linux only. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // Fields are counted from behind the name, which may hold anything: 14 and 15 of proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK
}

/** Memory that a process has of the machine's at the moment, in bytes. Linux only. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1024
}

/** CPU time of all processes of the machine so far, in ms, without interrupts. */
export function machineCpuMs(): number {
  const [, user = '0', nice = '0', system = '0'] = readFileSync('/proc/stat', 'latin1').split(/\s+/, 4)
  return (Number(user) + Number(nice) + Number(system)) * MS_PER_TICK
}

/** Binds the servers to the first core and the load generator to the second. False where that can't be done. */
export function pin(servers: readonly number[], loadGenerator: number): boolean {
  if (cpus().length < 2) return false
  return servers.every((pid) => pinOne(0, pid)) && pinOne(1, loadGenerator)
}

/** Threads made later inherit the binding. */
function pinOne(core: number, pid: number): boolean {
  return spawnSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' }).status === 0
}

/** In general terms, for a reader who compares with his own. */
export function describeMachine(): string {
  const nginx = /nginx\/\S+/.exec(spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr)?.[0] ?? 'nginx ?'
  const model = cpus()[0]?.model ?? 'unknown processor'
  return `${cpus().length} cores (${model}), Linux ${/^\d+\.\d+/.exec(release())?.[0]}, Node ${process.versions.node}, ${nginx}`
}
