import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ListenAddress } from '../config/types.ts'

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
