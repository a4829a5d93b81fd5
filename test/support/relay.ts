import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP relay that can be made slow, silent or broken. */
export interface Relay extends AsyncDisposable {
  readonly port: number
  /** From now on answers take so much longer. */
  readonly delayAnswers: (ms: number) => void
  /** Answers are held back until `resume`; what is sent still arrives. */
  readonly holdAnswers: () => void
  readonly resume: () => void
  /** Breaks all connections; new ones are made. */
  readonly breakConnections: () => void
  /** Breaks each connection on which a command of this name is sent, in place of passing it on, until `resume`. */
  readonly breakAt: (command: string) => void
  /** Breaks all connections and refuses new ones until `resume`. */
  readonly refuse: () => void
}

/** Relays a free loopback port to `port`. */
export async function startRelay(port: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  const state = { delayMs: 0, holds: false, refuses: false, breaksAt: '' }
  let held: (() => void)[] = []
  const keep = (socket: Socket): void => {
    sockets.add(socket.on('error', () => socket.destroy()))
    socket.once('close', () => sockets.delete(socket))
  }
  const breakConnections = (): void => sockets.forEach((socket) => void socket.destroy())
  const pass = (client: Socket, chunk: Buffer): void => {
    const send = (): void => void (client.destroyed || client.write(chunk))
    if (state.holds) held.push(send)
    else if (state.delayMs > 0) setTimeout(send, state.delayMs)
    else send()
  }
  const server = createServer((client) => {
    keep(client)
    if (state.refuses) return void client.destroy()
    const upstream = connect(port, '127.0.0.1')
    keep(upstream)
    client.on('data', (chunk: Buffer) => {
      if (state.breaksAt !== '' && chunk.toString('latin1').toLowerCase().includes(state.breaksAt))
        client.destroy()
    })
    client.pipe(upstream)
    upstream.on('data', (chunk: Buffer) => pass(client, chunk))
    client.once('close', () => upstream.destroy())
    upstream.once('close', () => client.destroySoon())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    delayAnswers: (ms) => {
      state.delayMs = ms
    },
    holdAnswers: () => {
      state.holds = true
    },
    resume: () => {
      Object.assign(state, { holds: false, refuses: false, delayMs: 0, breaksAt: '' })
      const waiting = held
      held = []
      waiting.forEach((send) => send())
    },
    breakConnections,
    breakAt: (command) => {
      state.breaksAt = `\r\n${command.toLowerCase()}\r\n`
    },
    refuse: () => {
      state.refuses = true
      breakConnections()
    },
    [Symbol.asyncDispose]: async () => {
      breakConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
