import { expect, test } from 'vitest'
import { substitute } from '../../src/config/substitute.ts'

const VARIABLES = { NAME: 'value', EMPTY: '', NUMBER: '42', NESTED: '${NAME}' }

function replaced(text: string, isPlain = true): unknown {
  const result = substitute(text, isPlain, VARIABLES)
  return result.ok ? result.value : result.why
}

test.each([
  ['plain text', 'plain text'],
  ['${NAME}', 'value'],
  ['a ${NAME}-${NAME} b', 'a value-value b'],
  ['${OTHER:-default}', 'default'],
  ['${OTHER:-}', ''],
  ['${EMPTY}', ''],
  ['${EMPTY:-default}', 'default'],
  ['${NAME:-default}', 'value'],
  ['${OTHER:-http://[::1]:80/}', 'http://[::1]:80/'],
  ['$${NAME}', '${NAME}'],
  ['$$${NAME}', '$${NAME}'],
  ['$NAME $', '$NAME $'],
])('%s becomes %s', (text, result) => {
  expect(replaced(text)).toBe(result)
})

test('what a variable holds is not replaced again', () => {
  expect(replaced('${NESTED}')).toBe('${NAME}')
})

test('a plain value that is one reference takes the type of what comes out', () => {
  expect(replaced('${NUMBER}')).toBe(42)
  expect(replaced('${FLAG:-true}')).toBe(true)
})

test('a quoted value, or one with text around the reference, stays text', () => {
  expect(replaced('${NUMBER}', false)).toBe('42')
  expect(replaced('${NUMBER}${NUMBER}')).toBe('4242')
  expect(replaced(':${NUMBER}')).toBe(':42')
})

test('an unset variable is named', () => {
  expect(replaced('${MISSING}')).toContain('environment variable MISSING')
})

test.each(['constructor', '__proto__', 'toString'])('%s is no variable', (name) => {
  expect(replaced(`\${${name}}`)).toContain(`environment variable ${name}`)
})

test.each(['${', '${}', '${1A}', '${A-B}', '${NAME', '${ NAME }'])('%s is refused', (text) => {
  expect(replaced(text)).toContain('that is no variable')
})
