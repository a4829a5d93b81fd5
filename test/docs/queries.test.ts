import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PACKAGE_FIELDS, UNTOLD_FIELDS } from '../../src/policy/query/fields.ts'
import { compilePackageQuery } from '../../src/policy/query/package-query.ts'
import { compilePathQuery } from '../../src/policy/query/path-query.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/queries.md'), 'utf8')

function examples(option: string): string[] {
  return Array.from(PAGE.matchAll(new RegExp(`${option} '([^']+)'`, 'g')), ([, query = '']) => query)
}

describe('docs/queries.md', () => {
  test.each([...PACKAGE_FIELDS.keys(), ...UNTOLD_FIELDS])('names the field %s', (field) => {
    expect(PAGE).toContain(`\`${field}\``)
  })

  test('shows queries that can be saved', () => {
    const [packages, paths] = [examples('--package-query'), examples('--path-query')]
    expect(packages.length * paths.length).toBeGreaterThan(0)
    expect(packages.map((query) => compilePackageQuery(query).ok)).not.toContain(false)
    expect(paths.map((query) => compilePathQuery(query).ok)).not.toContain(false)
  })
})
