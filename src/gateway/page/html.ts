/** Text that is HTML already. */
export interface Html {
  readonly html: string
}

type Value = string | number | Html | readonly Html[] | undefined

/**
 * HTML with values in it: whatever is in them comes out as text, but for what is HTML already; undefined as nothing. Attributes stand in
 * double quotes. (Under the usual name, `html`, the formatter would take it for HTML, and move the spaces.)
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { html: parts.map((part, at) => part + written(values[at])).join('') }
}

/** Text that is known to be HTML. */
export function trusted(html: string): Html {
  return { html }
}

function written(value: Value): string {
  if (value === undefined) return ''
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value))
  return 'html' in value ? value.html : value.map(({ html }) => html).join('')
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (each) => ESCAPES[each] ?? '')
}
