import type { DatabaseSync } from 'node:sqlite'
import { writeLine } from '../download-lines.ts'
import type { Puts } from './archive-puts.ts'

type HistoryKind = 'bucket' | 'package' | 'repository-package' | 'downloader' | 'package-day' | 'download'

/** How the history of another store is taken in. Belongs inside a transaction. */
export function createHistoryPuts(database: DatabaseSync): Puts<HistoryKind> {
  const putBucket = database.prepare('INSERT OR REPLACE INTO history_usage VALUES (?, ?, ?, ?, ?, ?, ?)')
  const putPackage = database.prepare(
    "INSERT OR REPLACE INTO history_packages VALUES (?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?)",
  )
  const nameToken = database.prepare(
    `UPDATE history_packages SET token_name = ?
     WHERE token = ? AND repository = ? AND name = ? AND version = ? AND filename = ?`,
  )
  const putDay = database.prepare('INSERT OR REPLACE INTO history_package_days VALUES (?, ?, ?, ?, ?, ?, ?)')
  const putDownload = database.prepare('INSERT OR REPLACE INTO history_downloads VALUES (?, ?, ?, ?)')
  return {
    bucket: ({ token, span, start, downloads, bytes, refusals, clients }) => {
      const hours = span === 'hour' ? 1 : 24
      putBucket.run(token, hours, start, downloads, bytes, JSON.stringify(refusals), clients)
    },
    package: ({ token, repository, name, version, filename, format, downloads, bytes, firstAt, lastAt }) =>
      void putPackage.run(
        token,
        repository,
        name,
        version,
        filename,
        format,
        downloads,
        bytes,
        firstAt,
        lastAt,
      ),
    // This store sums up what the tokens have.
    'repository-package': () => undefined,
    downloader: ({ token, tokenName, repository, name, version, filename }) =>
      void nameToken.run(tokenName, token, repository, name, version, filename),
    'package-day': ({ repository, day, name, version, filename, downloads, bytes }) =>
      void putDay.run(repository, day, name, version, filename, downloads, bytes),
    download: ({ download }) =>
      void putDownload.run(download.repository, download.at, download.id, writeLine(download)),
  }
}
