import { freePorts, startBehind, type Front } from './front.ts'

/** Customers reach the gate itself. */
export const plain: Front = {
  name: 'the gate alone',
  start: async (storage, config) => {
    const [port = 0] = await freePorts(1)
    const url = `http://127.0.0.1:${port}`
    const gate = await startBehind(storage, url, {
      listen: `127.0.0.1:${port}`,
      trusted_proxies: [],
      ...config,
    })
    return { url, gate, pid: undefined, [Symbol.asyncDispose]: gate[Symbol.asyncDispose] }
  },
}
