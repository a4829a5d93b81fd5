import { useState } from 'preact/hooks'
import type { Api, ApiReply } from './client.ts'
import { ApiError } from './errors.ts'
import { readVersion, type Version } from './version.ts'

/** Something that is being edited while others may do so, too. */
export interface Edit<Item> {
  /** What the form is over. */
  readonly base: Version<Item>
  /** What somebody else made of it meanwhile; undefined: nothing. */
  readonly theirs: Version<Item> | undefined
  /** Sends a change of `base`. undefined: it was not made, for there is something of `theirs` now. */
  readonly change: (body: Readonly<Record<string, unknown>>) => Promise<ApiReply | undefined>
  /** Goes on over theirs. */
  readonly goOn: () => void
}

/** `path`: segments of the API's path. */
export function useEdit<Item>(api: Api, opened: Version<Item>, path: readonly string[]): Edit<Item> {
  const [base, setBase] = useState(opened)
  const [theirs, setTheirs] = useState<Version<Item>>()
  return {
    base,
    theirs,
    change: async (body) => {
      try {
        return await api({ method: 'PATCH', path, body, ifMatch: base.tag })
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'changed') throw error
        setTheirs(await readVersion<Item>(api, path))
        return undefined
      }
    },
    goOn: () => {
      if (theirs !== undefined) setBase(theirs)
      setTheirs(undefined)
    },
  }
}
