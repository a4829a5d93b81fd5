import { writeFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

/** Writes a zip archive of stored files, the same bytes in every run: what wheels, jars and Go modules are. */
export async function writeZip(file: string, entries: Readonly<Record<string, string>>): Promise<void> {
  await writeFile(file, makeZip(entries))
}

/** The same in memory. */
export function makeZip(entries: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(entries)) {
    const [path, content] = [Buffer.from(name), Buffer.from(text)]
    const about = describe(path, content)
    const local = Buffer.concat([signature(0x04034b50), about, path, content])
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    central.push(signature(0x02014b50), version(), about, place, path)
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(central)
  return Buffer.concat([...locals, directory, end(Object.keys(entries).length, directory.length, offset)])
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Made by: the oldest that knows folders. */
function version(): Buffer {
  return Buffer.from([20, 0])
}

/** What the local header and the directory have in common: from the version that is needed to the length of the extra field. */
function describe(path: Buffer, content: Buffer): Buffer {
  const bytes = Buffer.alloc(26)
  bytes.writeUInt16LE(20, 0)
  // Names are UTF-8.
  bytes.writeUInt16LE(0x0800, 2)
  // 1 January 1980, which is where its calendar begins.
  bytes.writeUInt16LE(0x0021, 8)
  bytes.writeUInt32LE(crc32(content), 10)
  bytes.writeUInt32LE(content.length, 14)
  bytes.writeUInt32LE(content.length, 18)
  bytes.writeUInt16LE(path.length, 22)
  return bytes
}

function end(entries: number, directoryBytes: number, offset: number): Buffer {
  const bytes = Buffer.alloc(22)
  bytes.writeUInt32LE(0x06054b50, 0)
  bytes.writeUInt16LE(entries, 8)
  bytes.writeUInt16LE(entries, 10)
  bytes.writeUInt32LE(directoryBytes, 12)
  bytes.writeUInt32LE(offset, 16)
  return bytes
}
