import { z } from 'zod'
import type { StoredToken } from '../store/contract.ts'
import type { Answer } from './answer.ts'
import { invalid } from './errors.ts'
import { fieldErrorsOf } from './field-errors.ts'
import { flag } from './field-schemas.ts'
import type { AdminOptions } from './options.ts'
import type { Call } from './routes.ts'
import { answerToken, readUsage } from './show.ts'

export const BROADCASTS_BODY: z.ZodType<{ readonly access_private_broadcasts: boolean }> = z.strictObject(
  {
    access_private_broadcasts: flag.refine(
      (isWanted) => !isWanted,
      'Postern has no broadcasts, so this would open nothing; leave it out or send false.',
    ),
  },
  'There is no such field.',
)

/**
 * Cloudsmith's switch for a portal that there is not. Terraform sends it for a token that has the setting: switched off it changes nothing,
 * switched on it is refused, for a vendor would believe that customers can sign in somewhere.
 */
export async function togglePrivateBroadcasts(
  options: AdminOptions,
  call: Call,
  token: StoredToken,
): Promise<Answer> {
  const parsed = BROADCASTS_BODY.safeParse(call.body)
  if (!parsed.success) return invalid(fieldErrorsOf(parsed.error))
  const [usage] = await readUsage(options, [token])
  return answerToken(options, call, token, { usage })
}
