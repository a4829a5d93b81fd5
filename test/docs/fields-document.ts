import type { JsonSchema } from '../../src/admin/openapi/json-schema.ts'
import { describeType } from '../../src/admin/openapi/type-words.ts'
import { renderTable } from './markdown.ts'
import { API } from './openapi-document.ts'

const INTRODUCTION = `<!-- Written by \`npm run docs\` from the schemas of src/admin and test/docs/fields-document.ts. -->

# Every field of the management API

What answers show and requests may set, with the types and bounds that are checked. [openapi.json](openapi.json) has the same for machines;
every Postern serves its own at \`/openapi.json\`. More about the fields: [tokens](tokens.md), [keys](keys.md), [webhooks](events.md).
`

type Properties = Readonly<Record<string, JsonSchema>>
/** What a request may set a field in, by the name of the body's schema. */
type Bodies = Readonly<Record<string, string>>

const TOKEN_BODIES = { TokenCreation: 'creation', TokenChange: 'change', TokenRefresh: 'refresh' }
const KEY_BODIES = { KeyCreation: 'creation', KeyChange: 'change' }
const WEBHOOK_BODIES = { WebhookCreation: 'creation', WebhookChange: 'change' }

/** The whole of docs/fields.md. */
export function renderFieldsDocument(): string {
  return [
    INTRODUCTION,
    section('Tokens', 'Token', TOKEN_BODIES),
    section('Keys', 'Key', KEY_BODIES),
    section('Webhooks', 'Webhook', WEBHOOK_BODIES),
    section('Deliveries of webhooks', 'WebhookDelivery'),
    section('Use of a token', 'Usage'),
    section('Clients of a token', 'Client'),
    section('Packages', 'Package'),
    section('Log of downloads', 'Download'),
    section('Audit log', 'AuditEntry'),
    section('Repositories', 'Repository'),
  ].join('\n')
}

function section(title: string, shown: string, bodies: Bodies = {}): string {
  const settable = Object.keys(bodies).map((name) => [name, propertiesOf(name)] as const)
  const own = propertiesOf(shown)
  const names = new Set([...Object.keys(own), ...settable.flatMap(([, fields]) => Object.keys(fields))])
  const hasBodies = settable.length > 0
  const rows = Array.from(names, (name) => {
    const setBy = settable.flatMap(([body, fields]) => (Object.hasOwn(fields, name) ? [bodies[body]] : []))
    const schema = settable.map(([, fields]) => fields[name]).find((each) => each !== undefined) ?? own[name]
    const meaning = escape(String((schema ?? {})['description'] ?? ''))
    const type = escape(describeType(schema ?? {}, (word) => `\`${word}\``))
    return hasBodies ? [`\`${name}\``, type, setBy.join(', '), meaning] : [`\`${name}\``, type, meaning]
  })
  const head = hasBodies ? ['field', 'type', 'set by', 'meaning'] : ['field', 'type', 'meaning']
  return `## ${title}\n\n${renderTable([head, ...rows])}`
}

function propertiesOf(name: string): Properties {
  const schema = API.components.schemas[name]
  if (schema === undefined) throw new Error(`The document has no schema ${name}`)
  return schema['properties'] as Properties
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('*', '\\*')
}
