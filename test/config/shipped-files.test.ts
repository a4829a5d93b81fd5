import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { renderJsonSchema } from '../../src/config/json-schema.ts'
import { loadConfig } from '../../src/config/load.ts'
import { sharedCertificate } from '../support/certificates.ts'

const ROOT = join(import.meta.dirname, '../..')
const EXAMPLES = join(ROOT, 'config/examples')
const CERTIFICATE = sharedCertificate()
const VARIABLES = {
  POSTERN_SECRET_KEY: 'x'.repeat(32),
  POSTERN_TLS_CERT: CERTIFICATE.cert,
  POSTERN_TLS_KEY: CERTIFICATE.key,
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, ObjectSchema>>
  readonly additionalProperties?: ObjectSchema | false
}

/** Every key of the file, as `upstream.connections`; names that the vendor chooses are `*`. */
function keysOf({ properties = {}, additionalProperties }: ObjectSchema): string[] {
  const members = Object.entries({
    ...properties,
    ...(additionalProperties ? { '*': additionalProperties } : {}),
  })
  return members.flatMap(([key, schema]) => [key, ...keysOf(schema).map((inner) => `${key}.${inner}`)])
}

function keysIn(value: unknown, isNamed: (path: string) => boolean, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = `${path}${isNamed(path) ? '*' : key}`
    return [here, ...keysIn(inner, isNamed, `${here}.`)]
  })
}

const KEYS = keysOf(JSON.parse(renderJsonSchema()) as ObjectSchema)

test('the JSON schema is the one of the code (npm run schema writes it anew)', () => {
  expect(readFileSync(join(ROOT, 'config/postern.schema.json'), 'utf8')).toBe(renderJsonSchema())
})

test.each(readdirSync(EXAMPLES))('the example %s loads and names the schema for editors', (name) => {
  expect(loadConfig(join(EXAMPLES, name), VARIABLES)).toMatchObject({ ok: true })
  expect(readFileSync(join(EXAMPLES, name), 'utf8').split('\n')[0]).toBe(
    '# yaml-language-server: $schema=../postern.schema.json',
  )
})

test('the configuration of npm start loads without any variable and names the schema for editors', () => {
  const file = join(ROOT, 'config/postern.yaml')
  expect(loadConfig(file, {})).toMatchObject({ ok: true })
  expect(readFileSync(file, 'utf8').split('\n')[0]).toBe(
    '# yaml-language-server: $schema=./postern.schema.json',
  )
})

test('the full example has every key', () => {
  const full: unknown = parse(readFileSync(join(EXAMPLES, 'full.yaml'), 'utf8'))
  const shown = new Set(keysIn(full, (path) => path === 'hosts.' || path === 'repositories.'))
  expect(KEYS.filter((key) => !shown.has(key))).toEqual([])
})

test('the manual has every key', () => {
  const manual = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8')
  const keys = KEYS.map((key) => key.replace('*', key.startsWith('hosts') ? 'HOST' : 'OWNER/REPO'))
  expect(keys.filter((key) => !manual.includes(`\`${key}\``))).toEqual([])
})
