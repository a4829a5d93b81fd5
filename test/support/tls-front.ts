import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, type AddressInfo } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { sharedCertificate } from './certificates.ts'

/** A proxy that ends TLS and passes on every byte, for clients that send credentials over nothing else. */
export interface TlsFront extends AsyncDisposable {
  /** `https://localhost:port`, no trailing slash. */
  readonly url: string
  /** What vouches for it, as a file in PEM. */
  readonly certificate: string
}

/** Puts TLS before a loopback port. */
export async function startTlsFront(port: number): Promise<TlsFront> {
  const { key, cert } = sharedCertificate()
  const sockets = new Set<TLSSocket>()
  const options = { key: await readFile(key), cert: await readFile(cert) }
  const server = createServer(options, (client) => {
    const upstream = connect(port, '127.0.0.1')
    sockets.add(client)
    client
      .on('error', () => upstream.destroy())
      .once('close', () => {
        sockets.delete(client)
        upstream.destroy()
      })
    upstream.on('error', () => client.destroy()).once('close', () => client.destroySoon())
    client.pipe(upstream).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    certificate: cert,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
