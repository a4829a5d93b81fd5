import { z } from 'zod'
import { EVENT_TYPES, isEventType, type EventType } from '../policy/event-type.ts'
import { compileGlob } from '../policy/glob.ts'
import { compileRepositoryGlobs } from '../policy/repositories.ts'
import type { TargetRules } from '../policy/webhook-target.ts'
import { didYouMean } from '../text/near.ts'
import type { FieldErrors } from './errors.ts'
import { fieldErrorsOf } from './field-errors.ts'
import { flag, list, wanted } from './field-schemas.ts'

/** What a body sets on a webhook; what it leaves out is absent. */
interface WebhookInput {
  readonly targetUrl?: string
  readonly events?: readonly EventType[] | null
  readonly repositories?: readonly string[] | null
  readonly isActive?: boolean
}

export type ReadWebhook =
  | { readonly ok: true; readonly input: WebhookInput; readonly rotatesSecret: boolean }
  | { readonly ok: false; readonly errors: FieldErrors }

/** Reads the fields of a webhook of this owner; a new one needs its target. */
export function readWebhook(
  body: Readonly<Record<string, unknown>>,
  owner: string,
  rules: TargetRules,
  purpose: 'create' | 'change',
): ReadWebhook {
  const parsed = (purpose === 'create' ? webhookCreation(rules) : webhookChange(rules)).safeParse(body)
  if (!parsed.success) return { ok: false, errors: fieldErrorsOf(parsed.error) }
  const { target_url: targetUrl, events, repositories, is_active: isActive } = parsed.data
  const foreign = foreignGlobs(owner, repositories)
  if (foreign.length > 0) return { ok: false, errors: new Map([['repositories', foreign]]) }
  return {
    ok: true,
    input: {
      ...(targetUrl === undefined ? {} : { targetUrl }),
      ...(events === undefined ? {} : { events }),
      ...(repositories === undefined ? {} : { repositories }),
      ...(isActive === undefined ? {} : { isActive }),
    },
    rotatesSecret: parsed.data.rotate_secret === true,
  }
}

/** A webhook is told of its owner's tokens only: other globs would wait for nothing. */
function foreignGlobs(owner: string, globs: readonly string[] | null | undefined): readonly string[] {
  return (globs ?? []).flatMap((glob, index) => {
    const [of = ''] = glob.split('/')
    return compileGlob(of)(owner) ? [] : [`[${index}] No repository of ${owner} is like this.`]
  })
}

const UNKNOWN = 'There is no such field.'

interface WebhookFields {
  readonly target_url?: string | undefined
  readonly events?: readonly EventType[] | null | undefined
  readonly repositories?: readonly string[] | null | undefined
  readonly is_active?: boolean | undefined
  readonly rotate_secret?: boolean | undefined
}

/** The body of a creation. */
export function webhookCreation(rules: TargetRules): z.ZodType<WebhookFields> {
  return z.strictObject({ ...OPTIONAL, target_url: target(rules) }, UNKNOWN)
}

/** The body of a change. */
export function webhookChange(rules: TargetRules): z.ZodType<WebhookFields> {
  return z.strictObject(
    { ...OPTIONAL, target_url: target(rules).optional(), rotate_secret: flag.optional() },
    UNKNOWN,
  )
}

/** `*` stands for all, as with Cloudsmith. */
const events: z.ZodType<readonly EventType[] | null> = z
  .array(
    z.string(wanted('text')).meta({ enum: ['*', ...Object.keys(EVENT_TYPES)] }),
    wanted('a list of events, or null'),
  )
  .min(1, 'Name at least one event, or send null for all.')
  .max(100, 'At most 100 entries are allowed.')
  .superRefine((names, context) => {
    for (const [index, name] of names.entries()) {
      if (name === '*' || isEventType(name)) continue
      const message = `There is no such event${didYouMean(name, Object.keys(EVENT_TYPES))}.`
      context.addIssue({ code: 'custom', path: [index], message })
    }
  })
  .transform((names) => (names.includes('*') ? null : [...new Set(names.filter(isEventType))]))
  .nullable()

const OPTIONAL = {
  events: events.optional(),
  repositories: list(compileRepositoryGlobs).optional(),
  is_active: flag.optional(),
}

function target({ judgeUrl }: TargetRules): z.ZodType<string> {
  return z
    .string({
      error: ({ input }) => (input === undefined ? 'This field is required.' : 'This field must be text.'),
    })
    .superRefine((url, context) => {
      const mistake = judgeUrl(url)
      if (mistake !== undefined) context.addIssue({ code: 'custom', message: `This ${mistake}.` })
    })
}
