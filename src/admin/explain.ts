import { isIP } from 'node:net'
import { z } from 'zod'
import { json } from './answer.ts'
import { invalid } from './errors.ts'
import { fieldErrorsOf } from './field-errors.ts'
import { parseInstant } from './instants.ts'
import type { AdminOptions } from './options.ts'
import type { Route } from './routes.ts'

const LONGEST = 8_192
const NO_INSTANT = 'This must be an instant, like 2030-12-31T00:00:00Z.'

interface ExplainBody {
  readonly target: string
  readonly method: 'GET' | 'HEAD'
  readonly client?: string | undefined
  readonly authorization?: string | undefined
  readonly host?: string | undefined
  /** Epoch ms. */
  readonly at?: number | undefined
}

export const EXPLAIN_BODY: z.ZodType<ExplainBody> = z.strictObject(
  {
    target: z
      .string('This field is required: the path that a client asks for.')
      .regex(/^\//, 'This must begin with a slash.')
      .max(LONGEST, `At most ${LONGEST} characters are allowed.`),
    method: z.enum(['GET', 'HEAD'], 'This must be GET or HEAD.').default('GET'),
    client: z
      .string('This must be an IP address.')
      .refine((text) => isIP(text) !== 0, 'This must be an IP address.')
      .optional(),
    authorization: header().optional(),
    host: header().optional(),
    at: z
      .string(NO_INSTANT)
      .transform((text, context) => {
        const parsed = parseInstant(text)
        if (parsed !== undefined) return parsed
        context.addIssue({ code: 'custom', message: NO_INSTANT })
        return z.NEVER
      })
      .optional(),
  },
  'There is no such field.',
)

function header(): z.ZodString {
  return z
    .string('This must be text.')
    .max(LONGEST, `At most ${LONGEST} characters are allowed.`)
    .regex(/^[\t\x20-\x7E\x80-\xFF]*$/, 'A header can’t hold such characters.')
}

/** `POST /explain/`: what the gate would do with a request, and why. */
export function explainRoute({ explain }: AdminOptions): Route {
  return {
    path: '/explain',
    methods: {
      POST: {
        needs: { can: 'requests:explain', where: 'everywhere' },
        handle: async ({ body }) => {
          const parsed = EXPLAIN_BODY.safeParse(body)
          if (!parsed.success) return invalid(fieldErrorsOf(parsed.error))
          const { client, authorization, host, ...rest } = parsed.data
          return json(200, (await explain({ client, authorization, host, ...rest })) ?? null)
        },
      },
    },
  }
}
