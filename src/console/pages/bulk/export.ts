import type { Api } from '../../api/client.ts'
import type { TokenJson } from '../../api/types.ts'
import { homeOf, listPath, placeName } from '../../words/places.ts'
import { keepRecords } from '../../words/csv-records.ts'

/** Everything that is set on these tokens, but their secrets, as CSV that an import reads again. */
export async function exportCsv(api: Api, tokens: readonly TokenJson[]): Promise<string> {
  const byHome = Map.groupBy(tokens, (token) => placeName(homeOf(token)))
  const lines: string[] = []
  for (const same of byHome.values()) {
    const [first] = same
    if (first === undefined) continue
    const path = [...listPath(homeOf(first)), 'export']
    const { text } = await api({ path, query: { format: 'csv' } })
    const kept = keepRecords(text, new Set(same.map(({ slug_perm: id }) => id)))
    lines.push(...(lines.length === 0 ? kept : kept.slice(1)))
  }
  return `${lines.join('\r\n')}\r\n`
}
