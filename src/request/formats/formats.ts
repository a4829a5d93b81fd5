import type { Format } from '../../policy/types.ts'
import type { FormatRules } from './contract.ts'
import { deb } from './deb.ts'
import { npm } from './npm.ts'
import { raw } from './raw.ts'
import { rpm } from './rpm.ts'

/** The one table of formats in this layer. */
export const FORMAT_RULES: Readonly<Record<Format, FormatRules>> = { deb, rpm, npm, raw }
