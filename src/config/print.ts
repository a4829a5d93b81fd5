import type { Mistake } from './mistake.ts'

/** Renders mistakes for a terminal: a line each, `file:line:column  path: message`, and a summary. No line break at the end. */
export function renderMistakes(file: string, mistakes: readonly Mistake[]): string {
  const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`
  return [...mistakes.map((mistake) => renderMistake(file, mistake)), `${count} in ${file}`].join('\n')
}

function renderMistake(file: string, { path, message, line, column }: Mistake): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`
  return path === '' ? `${place}  ${message}` : `${place}  ${path}: ${message}`
}
