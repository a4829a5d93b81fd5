import { doorOfGate, entrance, freePorts, startBehind, type Front } from './front.ts'

/** Customers reach the gate itself. */
export const plain: Front = {
  name: 'the gate alone',
  start: async (storage, { door = 'http', config } = {}) => {
    const [port = 0] = await freePorts(1)
    const entered = entrance(port, door)
    const gate = await startBehind(storage, entered.url, { ...doorOfGate(port, door), ...config })
    return { ...entered, gate, server: undefined, [Symbol.asyncDispose]: gate[Symbol.asyncDispose] }
  },
}
