import type { Socket } from 'node:net'
import type { Answer } from './answers.ts'

/** Writes an answer with its cuts, each piece in a turn of its own, and ends the connection where the answer does. */
export function writeInPieces(
  socket: Socket,
  { bytes, cuts, ends }: Pick<Answer, 'bytes' | 'cuts' | 'ends'>,
): void {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  const pieces = [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length))
  const next = (): void => {
    const piece = pieces.shift()
    if (socket.destroyed) return
    if (piece !== undefined) socket.write(piece, () => setImmediate(next))
    else if (ends) socket.end()
  }
  next()
}
