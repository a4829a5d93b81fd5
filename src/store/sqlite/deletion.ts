import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

/** Rows of a table that are deleted in one transaction, so that nobody waits long for it. */
export const DELETED_AT_ONCE = 1_000

/** Deletes rows that fit the values, at most so many, and tells how many they were. Belongs inside a transaction. */
type Deletion = (limit: number, ...values: readonly SQLInputValue[]) => number

/** Prepares a deletion. `key`: columns that name a row; `which`: SQL that says which rows, and of more than so many, which ones. */
export function createDeletion(database: DatabaseSync, table: string, key: string, which: string): Deletion {
  const remove = database.prepare(
    `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${which} LIMIT ?)`,
  )
  return (limit, ...values) => Number(remove.run(...values, limit).changes)
}
