import { counted } from '../text/counted.ts'
import type { Mistake } from './mistake.ts'

/** Renders mistakes for a terminal: a line each, `file:line:column  path: message`, and a summary. No line break at the end. */
export function renderMistakes(file: string, mistakes: readonly Mistake[]): string {
  const summary = `${counted(mistakes.length, 'mistake')} in ${file}`
  return [...mistakes.map((mistake) => renderMistake(file, mistake)), summary].join('\n')
}

function renderMistake(file: string, { path, message, line, column }: Mistake): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`
  return path === '' ? `${place}  ${message}` : `${place}  ${path}: ${message}`
}
