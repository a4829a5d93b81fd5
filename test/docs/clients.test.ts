import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FORMS, SNIPPETS, type Form } from '../../src/snippets/snippets.ts'
import { placeOf } from '../../src/snippets/place.ts'
import { FORMATS } from '../../src/policy/formats.ts'
import type { Format } from '../../src/policy/types.ts'

const DOCUMENT = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8')
const GATE = 'https://packages.example.com'
const SCRIPT = '## One line for apt'

/** The section of a format, with the one on scripts, which is of three of them. */
function sectionOf(format: Format): string {
  const sections = DOCUMENT.split(/^(?=## )/m)
  const own = sections.filter((each) => /^## .*/.exec(each)?.[0].includes(`(\`${format}\`)`) === true)
  return own.length === 0 ? '' : [...own, ...sections.filter((each) => each.startsWith(SCRIPT))].join('')
}

/** What the section calls its repository. */
function repositoryOf(section: string): string {
  return /packages\.example\.com\/(?:(?:basic|SECRET)\/)?acme\/([a-z]+)/.exec(section)?.[1] ?? ''
}

/** Where a format wants a host of its own. */
const OWN_HOST: ReadonlyMap<string, string> = new Map([
  ['terraform, basic', 'https://terraform.example.com/basic/'],
])

const CASES = FORMATS.flatMap((format) => FORMS.map((form) => [format, form] as const))

test.each(CASES)(
  'docs/clients.md shows what the command prints for %s, in the form "%s"',
  (format, form: Form) => {
    const section = sectionOf(format)
    const repo = repositoryOf(section)
    const url = OWN_HOST.get(`${format}, ${form}`) ?? `${GATE}/basic/acme/${repo}/`
    const place = placeOf(url, 'acme', 'SECRET', form)
    const lines = (SNIPPETS[format][form]?.(place) ?? []).flatMap(({ text }) => text.split('\n'))
    expect(lines.filter((line) => !section.includes(line))).toEqual([])
    expect(lines.length > 0 || SNIPPETS[format][form] === null).toBe(true)
  },
)
