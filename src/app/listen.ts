import { once } from 'node:events'
import { chmodSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { EdgeAddress, ListenAddress } from '../config/types.ts'

/**
 * Listens, and resolves to the address with the port that was taken. With `reusePort` several processes of one user listen on the same
 * address, each with a queue of its own, and the kernel deals connections out (SO_REUSEPORT; Linux and FreeBSD, else ENOTSUP).
 */
export async function listen(
  server: Server,
  { host, port }: ListenAddress,
  reusePort = false,
): Promise<ListenAddress> {
  server.listen({ port, ...(host === '' ? {} : { host }), reusePort })
  await once(server, 'listening')
  return { host, port: (server.address() as AddressInfo).port }
}

/** The group of this process may ask, too: that of the proxy, as one sets it up. */
const SOCKET_MODE = 0o660

/** The same for proxies that ask, also over a Unix socket. One that a dead process left there is replaced. */
export async function listenForFronts(
  server: Server,
  address: EdgeAddress,
  reusePort = false,
): Promise<void> {
  if (!('path' in address)) return void (await listen(server, address, reusePort))
  if (!(await isAnswered(address.path))) rmSync(address.path, { force: true })
  server.listen(address.path)
  await once(server, 'listening')
  chmodSync(address.path, SOCKET_MODE)
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
