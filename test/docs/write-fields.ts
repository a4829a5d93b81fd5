import { writeFileSync } from 'node:fs'
import { renderFieldsDocument } from './fields-document.ts'

writeFileSync(new URL('../../docs/fields.md', import.meta.url), renderFieldsDocument())
