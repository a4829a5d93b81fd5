export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string }

const MARKS = [
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
] as const

const LINE_BREAK = 10

/** Text in UTF-8, or in UTF-16 if its first bytes say so, as spreadsheets write it. Byte order marks are left out. */
export function decodeText(bytes: Uint8Array): Decoded {
  const [encoding = 'utf-8'] = MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte)) ?? []
  try {
    return { ok: true, text: new TextDecoder(encoding, { fatal: true }).decode(bytes) }
  } catch {
    if (encoding !== 'utf-8') return { ok: false, message: 'It begins like UTF-16 and is no valid UTF-16.' }
    const hint = bytes.includes(0)
      ? ' It has zero bytes, as UTF-16 has: save it as UTF-8.'
      : ' Save it as UTF-8.'
    return { ok: false, message: `Line ${badLine(bytes)} is no valid UTF-8.${hint}` }
  }
}

/** No character is parted by a line break. */
function badLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [line, start] = [1, 0]
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== LINE_BREAK) continue
    try {
      decoder.decode(bytes.subarray(start, at))
    } catch {
      return line
    }
    ;[line, start] = [line + 1, at + 1]
  }
  return line
}
