import type { Query } from '../../../src/policy/query/parse.ts'

/** A query as text, with no more parentheses than it needs. */
export function printQuery(query: Query): string {
  switch (query.kind) {
    case 'or':
      return query.parts.map((part) => printIn(part, part.kind === 'or')).join(' OR ')
    case 'and':
      return query.parts.map((part) => printIn(part, part.kind === 'or' || part.kind === 'and')).join(' AND ')
    case 'not':
      return `NOT ${printIn(query.part, query.part.kind === 'or' || query.part.kind === 'and')}`
    case 'word':
      return `${query.field === undefined ? '' : `${query.field}:`}${quote(query.value)}`
  }
}

function printIn(query: Query, inParentheses: boolean): string {
  return inParentheses ? `(${printQuery(query)})` : printQuery(query)
}

/** No value can have both kinds of quotes but one that is put together: `'"'"'"`. */
function quote(value: string): string {
  return value.includes("'") ? `"${value.split('"').join(`"'"'"`)}"` : `'${value}'`
}
