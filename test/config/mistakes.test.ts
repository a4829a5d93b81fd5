import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { renderMistakes } from '../../src/config/print.ts'

/** Each file ends in what it is expected to be told, a line for each mistake: `#! line:column  path: message`. */
const FOLDER = join(import.meta.dirname, 'fixtures')
const FIXTURES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))

function read(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8')
}

function expected(name: string): string[] {
  const lines = read(name).split('\n')
  return lines.filter((line) => line.startsWith('#! ')).map((line) => line.slice('#! '.length))
}

function told(name: string): string[] {
  const result = loadConfig(join(FOLDER, name), {})
  if (result.ok) return []
  const lines = renderMistakes('', result.mistakes).split('\n').slice(0, -1)
  return lines.map((line) => line.slice(1).replaceAll(FOLDER, 'FOLDER'))
}

test.each(FIXTURES)('%s is refused with exactly its mistakes', (name) => {
  expect(expected(name)).not.toHaveLength(0)
  expect(told(name)).toEqual(expected(name))
})

test('a file with many mistakes gets all of them, in the order of the file', () => {
  const result = loadConfig(join(FOLDER, 'many.yaml'), {})
  expect(result.ok ? [] : result.mistakes.map(({ line, path }) => `${line} ${path}`)).toEqual([
    '1 listen',
    '2 store',
    '3 secret_key',
    '4 hosts.packages.example.com',
    '5 upstream.connect_timeout',
    '5 upstream.idle_timout',
    '7 repositories.acme/el.format',
    '7 repositories.acme/el.upstream',
    '8 repositories.acme/js.format',
    '8 repositories.acme/js.upstream',
    '8 repositories.acme/js.publc',
    '9 repositories.token/js',
    '9 repositories.token/js.upstream',
  ])
})

test('no message repeats a password or a secret key', () => {
  const holding = FIXTURES.filter((name) => read(name).includes('hunter2'))
  expect(holding).not.toHaveLength(0)
  expect(holding.flatMap((name) => told(name)).join('\n')).not.toContain('hunter2')
  expect(told('key-without-space-in-braces.yaml').join('\n')).not.toContain('0123456789')
  expect(told('secret-key-digits.yaml').join('\n')).not.toContain('000')
})
