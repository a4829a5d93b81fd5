import type { OpenApiDocument, OpenApiOperation } from './document.ts'
import type { JsonSchema } from './json-schema.ts'
import { STYLE } from './page-style.ts'
import { IF_MATCH } from './parameters.ts'
import { describeType } from './type-words.ts'

/** The document as a page of HTML that needs no script and nothing from elsewhere. */
export function renderPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
  const groups = document.tags.map((tag) => ({
    ...tag,
    operations: operations.filter(({ operation }) => operation.tags.includes(tag.name)),
  }))
  const { title, description } = document.info
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escape(title)}</title><style>${STYLE}</style></head><body>`,
    `<header><h1>${escape(title)}</h1>${renderText(description)}`,
    '<p><a href="../openapi.json">openapi.json</a> has the same for machines.</p>',
    '<pre><code>curl -H "X-Api-Key: $KEY" https://HOST/entitlements/OWNER/REPO/</code></pre></header>',
    `<nav>${groups.map(renderContents).join('')}`,
    '<p><a href="#errors">Errors</a></p><p><a href="#schemas">Schemas</a></p></nav>',
    `<main>${groups.map(renderGroup).join('')}${renderErrors(document)}${renderSchemas(document)}</main>`,
    '</body></html>\n',
  ].join('\n')
}

interface Shown {
  readonly method: string
  readonly path: string
  readonly operation: OpenApiOperation
}

interface Group {
  readonly name: string
  readonly description: string
  readonly operations: readonly Shown[]
}

function renderContents({ name, operations }: Group): string {
  const links = operations.map(
    ({ operation }) => `<li><a href="#${operation.operationId}">${escape(operation.summary)}</a></li>`,
  )
  return `<details><summary>${escape(name)}</summary><ul>${links.join('')}</ul></details>`
}

function renderGroup({ name, description, operations }: Group): string {
  return `<section><h2>${escape(name)}</h2><p>${escape(description)}</p>${operations.map(renderOperation).join('')}</section>`
}

function renderOperation({ method, path, operation }: Shown): string {
  const { operationId, summary, description, parameters, requestBody } = operation
  const body = requestBody?.content['application/json'] as { readonly schema: JsonSchema } | undefined
  return [
    `<article id="${operationId}"><h3>${escape(summary)}</h3>`,
    `<code class="request"><span class="method ${method}">${method}</span> ${escape(path)}</code>`,
    description === undefined ? '' : `<p>${escape(description)}</p>`,
    `<p class="soft">${escape(describeNeeds(operation))}</p>`,
    renderParameters(parameters),
    body === undefined ? '' : `<h4>Body</h4><p>${linkTo(body.schema)}</p>`,
    `<h4>Answers</h4><p>${renderAnswers(operation)}</p></article>`,
  ].join('')
}

function describeNeeds({ 'x-postern-needs': needs, operationId }: OpenApiOperation): string {
  const id = `${operationId} · `
  if (needs === undefined) return `${id}no key`
  if (needs.can === 'any key') return `${id}any key`
  return `${id}needs ${needs.can} over ${needs.over}: ${needs.roles.join(', ')}`
}

function renderParameters(parameters: readonly JsonSchema[]): string {
  const rows = parameters.map((parameter) => {
    const { name, in: place, description, schema } = '$ref' in parameter ? IF_MATCH : parameter
    const type = describeType(schema as JsonSchema)
    return [`<code>${escape(String(name))}</code>`, `${String(place)}, ${type}`, escape(String(description))]
  })
  return rows.length === 0
    ? ''
    : `<h4>Parameters</h4>${renderTable(['name', 'where and what', 'meaning'], rows)}`
}

function renderAnswers({ responses }: OpenApiOperation): string {
  const isError = ([, response]: readonly [string, JsonSchema]): boolean => '$ref' in response
  const [errors, successes] = [
    Object.entries(responses).filter(isError),
    Object.entries(responses).filter((each) => !isError(each)),
  ]
  const shown = successes.map(
    ([status, { content = {} }]) => `<code>${status}</code> ${renderContent(content)}`,
  )
  const codes = errors.map(([status]) => `<code>${status}</code>`).join(' ')
  return [...shown, ...(errors.length > 0 ? [`<a href="#errors">errors</a> ${codes}`] : [])].join(' · ')
}

function renderContent(content: unknown): string {
  const types = Object.entries(content as Readonly<Record<string, { readonly schema: JsonSchema }>>)
  if (types.length === 0) return 'nothing'
  return types.map(([type, { schema }]) => (type === 'application/json' ? linkTo(schema) : type)).join(', ')
}

/** The name of a schema, or what it is a list of. */
function linkTo(schema: JsonSchema): string {
  if (schema['type'] === 'array') return `list of ${linkTo(schema['items'] as JsonSchema)}`
  const name =
    String(schema['$ref'] ?? '')
      .split('/')
      .at(-1) ?? ''
  return name === '' ? 'JSON' : `<a href="#schema-${name}">${name}</a>`
}

function renderErrors({ components }: OpenApiDocument): string {
  const responses = components['responses'] as Readonly<Record<string, { readonly description: string }>>
  const rows = Object.entries(responses).map(([name, { description }]) => [
    `<code>${/\d+/.exec(name)?.[0] ?? ''}</code>`,
    escape(description),
  ])
  return `<section id="errors"><h2>Errors</h2><p>${linkTo({ $ref: 'Error' })}</p>${renderTable(['status', 'meaning'], rows)}</section>`
}

function renderSchemas({ components }: OpenApiDocument): string {
  const schemas = Object.entries(components.schemas).map(([name, schema]) => {
    const fields = renderFields(schema)
    const example = (schema['examples'] as readonly unknown[] | undefined)?.[0]
    const shown =
      example === undefined ? '' : `<pre><code>${escape(JSON.stringify(example, null, 2))}</code></pre>`
    return `<article id="schema-${name}"><h3>${name}</h3>${fields}${shown}</article>`
  })
  return `<section id="schemas"><h2>Schemas</h2>${schemas.join('')}</section>`
}

function renderFields(schema: JsonSchema): string {
  const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>)
  if (properties.length === 0) return '<p>No fields.</p>'
  const required = new Set((schema['required'] ?? []) as readonly string[])
  // Answers have every field; of bodies it matters which ones are needed.
  const isBody = schema['additionalProperties'] === false
  const rows = properties.map(([name, property]) => {
    const note = isBody && required.has(name) ? 'Required. ' : ''
    const { $ref: reference, description = '' } = property
    const type = reference === undefined ? escape(describeType(property)) : linkTo(property)
    return [`<code>${escape(name)}</code>`, type, escape(`${note}${String(description)}`)]
  })
  return renderTable(['field', 'type', 'meaning'], rows)
}

/** Cells are HTML. */
function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`
  const body = rows.map((row) => line(row, 'td')).join('')
  return `<div class="scroll"><table><thead>${line(head, 'th')}</thead><tbody>${body}</tbody></table></div>`
}

function renderText(text: string): string {
  const paragraphs = text.split('\n\n').map((each) => `<p>${escape(each)}</p>`)
  return paragraphs.join('').replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
}
