import { once } from 'node:events'
import { chmod, lstat, unlink } from 'node:fs/promises'
import { connect, type AddressInfo, type Server } from 'node:net'
import type { ListenAddress, TcpAddress, UnixAddress } from '../config/types.ts'

export interface ListenOptions {
  /**
   * Several processes of one user listen on the same address, each with a queue of its own, and the kernel deals connections out
   * (SO_REUSEPORT; Linux and FreeBSD, else ENOTSUP). Default: false.
   */
  readonly reusePort?: boolean
  /** Finds the descriptor of a socket that systemd passed. @throws Error when there is none of that name. */
  readonly descriptorOf?: (name: string) => number
}

/** Listens, and resolves to the address with the port that was taken. Rejects with an Error that says what to do. */
export async function listen(
  server: Server,
  address: ListenAddress,
  { reusePort = false, descriptorOf = noDescriptor }: ListenOptions = {},
): Promise<ListenAddress> {
  if ('path' in address) return listenUnix(server, address)
  if ('inherited' in address) {
    server.listen({ fd: descriptorOf(address.inherited) })
    await once(server, 'listening')
    return address
  }
  return listenTcp(server, address, reusePort)
}

async function listenTcp(
  server: Server,
  { host, port }: TcpAddress,
  reusePort: boolean,
): Promise<TcpAddress> {
  server.listen({ port, ...(host === '' ? {} : { host }), reusePort })
  await once(server, 'listening')
  return { host, port: (server.address() as AddressInfo).port }
}

function noDescriptor(): never {
  throw new Error('No socket was passed to this process (LISTEN_FDS)')
}

/** Node takes the socket's file away when the server closes. */
async function listenUnix(server: Server, address: UnixAddress): Promise<UnixAddress> {
  await removeStale(address.path)
  // Bound within this call: not even for a moment may others than its owner connect.
  const umask = process.umask(0o177)
  server.listen({ path: address.path })
  process.umask(umask)
  await once(server, 'listening')
  await chmod(address.path, address.mode)
  return address
}

/** Takes a socket away that a process left which was killed. One that somebody listens on, or that is none, stays: listening fails. */
async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSocket()) throw new Error(`${path} is there already, and is no socket; choose another path`)
  if (!(await isDead(path))) return
  await unlink(path).catch(() => undefined)
}

async function isDead(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}
