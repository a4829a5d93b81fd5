import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buildDemoDebian } from './debian.ts'
import { buildDemoFiles } from './files.ts'
import { buildDemoNpm } from './npm.ts'

/**
 * Builds the repositories of config/demo anew (`npm run demo:build`): what `npm start` serves, a few KB, kept in the source tree.
 * Needs dpkg-deb, apt-ftparchive, gpg and npm. With the same SOURCE_DATE_EPOCH (seconds) all bytes come out as before except
 * those of the key and the signatures, for the private key is made here and thrown away.
 */
const DEMO = join(import.meta.dirname, '../../../config/demo')
/** 2025-01-01T00:00:00Z: in the past wherever this is built or read, or apt would call the signatures too new. */
const DEFAULT_EPOCH = '1735689600'

const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? DEFAULT_EPOCH)
if (!Number.isSafeInteger(epoch) || epoch < 0) {
  throw new Error('SOURCE_DATE_EPOCH has to be a whole number of seconds')
}
const folder = (name: string): string => join(DEMO, name)
const names = ['debian', 'npm', 'files', 'free']
await Promise.all(names.map((name) => rm(folder(name), { recursive: true, force: true })))
await buildDemoDebian(folder('debian'), epoch)
await buildDemoNpm(folder('npm'), epoch)
await buildDemoFiles(folder('files'), folder('free'), epoch)
console.log(`Built ${names.join(', ')} in ${DEMO}`)
