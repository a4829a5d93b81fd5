import { z } from 'zod'
import { bad, good, quote, type Parsed } from './parsed.ts'
import type { Places } from './places.ts'
import { flag, group, text, wrongType } from './schema-parts.ts'
import type { SetupConfig } from './types.ts'

const PLACEHOLDERS = '{distro}, {codename}, {version} and {arch}'
const PLACEHOLDER = /\{(?:distro|codename|version|arch)\}/g
const SEGMENTS = /^[A-Za-z0-9_~+-][A-Za-z0-9._~+-]*(?:\/[A-Za-z0-9_~+-][A-Za-z0-9._~+-]*)*$/
const WORD = /^[A-Za-z0-9][A-Za-z0-9._+/-]*$/

/** What the scripts have to know that set up the machines of customers. */
export function setup(places: Places): z.ZodPrefault<z.ZodType<SetupConfig, object>> {
  const shape = group({
    key: text((given) => resolveKey(given, places), 'keys/acme.asc')
      .optional()
      .meta({ description: 'The public key: a path in the storage, or file: and a file of this machine.' }),
    suite: text(parseSuite, 'stable').optional().meta({
      description: 'deb: the suite, ./ for a flat repository. Default: what the system is called, or stable.',
    }),
    components: z
      .array(text(parseComponent, 'main'), { error: wrongType('a list like [main]') })
      .min(1, 'is empty; leave it out for all components')
      .optional()
      .meta({ description: 'deb: the components. Default: all.' }),
    path: text(parsePath, 'el/{version}').optional().meta({
      description: 'Below the repository. Default: the repository itself; alpine: v{version}/main.',
    }),
    signed_packages: flag(true, 'rpm: whether each package is signed itself.'),
  })
  return shape
    .transform((given) => ({
      key: given.key ?? null,
      suite: given.suite ?? null,
      components: given.components ?? null,
      path: given.path ?? null,
      signedPackages: given.signed_packages,
    }))
    .prefault({})
}

function resolveKey(given: string, places: Places): Parsed<NonNullable<SetupConfig['key']>> {
  if (!given.startsWith('file:'))
    return SEGMENTS.test(given)
      ? good({ kind: 'path', path: given })
      : bad('must be a path in the storage like keys/acme.asc, or file: and a file of this machine')
  const path = places.resolve(given.slice('file:'.length).replace(/^\/\/(?=\/)/, ''))
  return places.isReadableFile(path)
    ? good({ kind: 'file', path })
    : bad(`names no file that can be read; there is none at ${path}`)
}

function parsePath(given: string): Parsed<string> {
  const plain = given.replaceAll(PLACEHOLDER, 'x')
  return SEGMENTS.test(plain)
    ? good(given)
    : bad(`must be a path like el/{version}, with nothing in braces but ${PLACEHOLDERS}`)
}

function parseSuite(given: string): Parsed<string> {
  const isFlat = given === './' || (given.endsWith('/') && parsePath(given.slice(0, -1)).ok)
  return isFlat || parsePath(given).ok
    ? good(given)
    : bad(`must be a suite like stable or {codename}, or ./ for a flat repository, not ${quote(given)}`)
}

function parseComponent(given: string): Parsed<string> {
  return WORD.test(given) ? good(given) : bad(`must be a component like main, not ${quote(given)}`)
}
