import { ApiError } from '../../api/errors.ts'
import type { OpenToken } from './token-context.ts'

/** Waits for a change of `open`. When somebody else changed it meanwhile, it is read again, so that the page shows what is. */
export async function unlessChanged(
  { reload }: Pick<OpenToken, 'reload'>,
  change: Promise<unknown>,
): Promise<void> {
  try {
    await change
  } catch (error) {
    if (error instanceof ApiError && error.code === 'changed') reload()
    throw error
  }
}
