import type { KeyJson } from '../../api/types.ts'
import { useLoad, type Loaded } from '../../api/use-load.ts'
import { readVersion, type Version } from '../../api/version.ts'
import { useSession } from '../../session/context.ts'

/** Segments of the API's path of a key. */
export function pathOfKey(id: string): readonly string[] {
  return ['keys', id]
}

/** A key as it is when a form or a question about it opens: the list that it stands in may be an hour old. */
export function useKey(id: string): Loaded<Version<KeyJson>> {
  const { api } = useSession()
  const path = pathOfKey(id)
  return useLoad(path.join('/'), (signal) => readVersion<KeyJson>(api, path, signal))
}
