import type { z } from 'zod'
import { parseHttpUrl } from './http-url.ts'
import { bad, good, type Parsed } from './parsed.ts'
import type { Places } from './places.ts'
import { choice, group, numberBetween, text } from './schema-parts.ts'
import type { EulaConfig } from './types.ts'

const LAST_REVISION = 2_147_483_647
const LARGEST_TEXT = 128 * 1024
const NEITHER = 'needs its words: text, a file of this machine, or url, where they can be read'

/** What customers have to accept before they get anything. */
export function eula(places: Places): z.ZodOptional<z.ZodType<EulaConfig, object>> {
  const shape = group({
    revision: numberBetween(1, LAST_REVISION).meta({
      description: 'Counts up with each change of its words: then customers are asked again.',
    }),
    text: text((given) => readWords(given, places), 'legal/eula.txt')
      .optional()
      .meta({
        description: 'Its words: a text file of this machine, UTF-8, at most 128 KiB.',
      }),
    url: text(parseUrl, 'https://www.example.com/eula').optional().meta({
      description: 'Where its words can be read.',
    }),
    required_of: choice(['marked_tokens', 'all_tokens'])
      .default('marked_tokens')
      .meta({ description: 'Of tokens with eula_required, or of all.' }),
  })
  return shape
    .superRefine((given, context) => {
      if (given.text === undefined && given.url === undefined)
        context.addIssue({ code: 'custom', message: NEITHER })
    })
    .transform((given) => ({
      revision: given.revision,
      text: given.text ?? null,
      url: given.url ?? null,
      isForAll: given.required_of === 'all_tokens',
    }))
    .optional()
}

function readWords(given: string, places: Places): Parsed<string> {
  const path = places.resolve(given)
  const size = places.sizeOf(path)
  if (size === undefined) return bad(`names no file that can be read; there is none at ${path}`)
  if (size > LARGEST_TEXT) return bad('is larger than 128 KiB; put it where url leads')
  const words = places.readText(path)
  return words === undefined || words.trim() === '' ? bad('is empty, or no UTF-8 text') : good(words)
}

function parseUrl(given: string): Parsed<string> {
  const url = parseHttpUrl(given)
  return url.ok ? good(url.value.href) : url
}
