import type { Inherited } from '../config/environment.ts'

/** Where the descriptors begin that systemd passes (sd_listen_fds(3)). */
const FIRST_DESCRIPTOR = 3

/**
 * Makes the finder of descriptors that systemd passed to this process, by FileDescriptorName; the empty name stands for the only one. It
 * throws an Error that says what is there.
 */
export function createDescriptorOf(
  { pid, count, names }: Inherited,
  ownPid: number,
): (name: string) => number {
  return (name) => {
    if (count === 0 || pid !== ownPid) throw new Error(`No socket was passed to this process. ${HINT}`)
    if (name === '') {
      if (count === 1) return FIRST_DESCRIPTOR
      throw new Error(`systemd passed ${count} sockets (${names.join(', ')}); say which one: systemd:NAME`)
    }
    const found = names.flatMap((each, at) => (each === name ? [at] : []))
    const [at] = found
    if (at === undefined)
      throw new Error(
        `systemd passed no socket that is called ${name}, but ${names.join(', ') || 'none with a name'}`,
      )
    if (found.length > 1)
      throw new Error(
        `systemd passed ${found.length} sockets that are called ${name}; give each its own name`,
      )
    return FIRST_DESCRIPTOR + at
  }
}

const HINT =
  '"listen: systemd" needs a socket unit, and a service unit whose ExecStart is postern itself, not a shell or npm around it.'
