import { extname } from 'node:path'
import { z } from 'zod'
import { bad, good, quote, type Parsed } from './parsed.ts'
import type { Places } from './places.ts'
import { group, text, wrongType } from './schema-parts.ts'
import type { PageConfig } from './types.ts'

/** A page as the file has it; undefined where it is silent. */
export type GivenPage = { readonly [Key in keyof PageConfig]: PageConfig[Key] | undefined }

/** What applies where nothing is said. */
export const NO_PAGE: PageConfig = {
  isShown: true,
  name: null,
  logo: null,
  color: null,
  contact: null,
  namesPackages: true,
}

/** What is said of one repository goes before what is said in general. */
export function pageOf(given: GivenPage, general: PageConfig): PageConfig {
  return {
    isShown: given.isShown ?? general.isShown,
    name: given.name ?? general.name,
    logo: given.logo ?? general.logo,
    color: given.color ?? general.color,
    contact: given.contact ?? general.contact,
    namesPackages: given.namesPackages ?? general.namesPackages,
  }
}

/** Repositories with their pages as they are to be. */
export function withPages<Repository extends { readonly page: GivenPage }>(
  repositories: ReadonlyMap<string, Repository>,
  general: GivenPage,
): Map<string, Omit<Repository, 'page'> & { readonly page: PageConfig }> {
  const all = pageOf(general, NO_PAGE)
  return new Map([...repositories].map(([name, each]) => [name, { ...each, page: pageOf(each.page, all) }]))
}

/** The page of a repository, or what all pages have in common. */
export function page(places: Places): z.ZodPrefault<z.ZodType<GivenPage, object>> {
  const yesOrNo = (): z.ZodOptional<z.ZodBoolean> =>
    z.boolean({ error: wrongType('true or false') }).optional()
  const shape = group({
    enabled: yesOrNo().meta({ description: 'Whether there is one. Default: true.' }),
    name: text(parseLine, 'Acme Packages').optional().meta({
      description: 'What the page is called. Default: owner/repo.',
    }),
    logo: text((given) => resolveLogo(given, places), 'logo.svg')
      .optional()
      .meta({
        description: 'A picture: a file of this machine, .svg, .png, .jpg, .gif or .webp, at most 128 KiB.',
      }),
    color: text(parseColor, '#3565c4').optional().meta({ description: 'The colour of your brand, #rrggbb.' }),
    contact: text(parseLine, 'support@example.com').optional().meta({
      description: 'Whom customers ask: an address of mail, a URL, or words.',
    }),
    packages: yesOrNo().meta({
      description: 'Whether packages are named that the token covers. Default: true.',
    }),
  })
  return shape
    .transform((given) => ({
      isShown: given.enabled,
      name: given.name,
      logo: given.logo,
      color: given.color,
      contact: given.contact,
      namesPackages: given.packages,
    }))
    .prefault({})
}

const LONGEST_LINE = 200

function parseLine(given: string): Parsed<string> {
  const line = given.trim()
  if (line === '' || /\p{C}/u.test(line)) return bad('must be one line of text')
  return line.length <= LONGEST_LINE ? good(line) : bad(`is longer than ${LONGEST_LINE} characters`)
}

function parseColor(given: string): Parsed<string> {
  return /^#(?:[0-9a-f]{3}){1,2}$/i.test(given)
    ? good(given.toLowerCase())
    : bad(`must be a colour like #3565c4, in quotes, not ${quote(given)}`)
}

const LARGEST_LOGO = 128 * 1024
const TYPES: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
}

function resolveLogo(given: string, places: Places): Parsed<NonNullable<PageConfig['logo']>> {
  const type = TYPES[extname(given).toLowerCase()]
  if (type === undefined)
    return bad(`must be a picture: a file that ends in ${Object.keys(TYPES).join(', ')}`)
  const path = places.resolve(given)
  const size = places.sizeOf(path)
  if (size === undefined) return bad(`names no file that can be read; there is none at ${path}`)
  return size <= LARGEST_LOGO ? good({ path, type }) : bad('is larger than 128 KiB; every page carries it')
}
