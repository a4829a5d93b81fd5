import { writeFileSync } from 'node:fs'
import { KEYS_DOCUMENT, renderKeysDocument } from './keys-document.ts'

writeFileSync(KEYS_DOCUMENT, renderKeysDocument())
