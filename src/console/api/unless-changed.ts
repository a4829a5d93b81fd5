import { ApiError } from './errors.ts'

/** Waits for a change. When somebody else changed the same meanwhile, it is read again, so that the page shows what is. */
export async function unlessChanged<Result>(reload: () => void, change: Promise<Result>): Promise<Result> {
  try {
    return await change
  } catch (error) {
    if (error instanceof ApiError && error.code === 'changed') reload()
    throw error
  }
}
