import { writeFileSync } from 'node:fs'
import { renderMetricsDocument } from './metrics-document.ts'

writeFileSync(new URL('../../docs/metrics.md', import.meta.url), await renderMetricsDocument())
