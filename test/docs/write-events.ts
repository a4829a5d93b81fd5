import { writeFileSync } from 'node:fs'
import { EVENTS_DOCUMENTS, renderEventsDocument, urlOf } from './events-documents.ts'

for (const [name, events] of EVENTS_DOCUMENTS) writeFileSync(urlOf(name), renderEventsDocument(name, events))
