/** A code of a refusal as a person reads it: `downloads_used_up` is `Downloads used up`. */
function refusalTitle(code: string): string {
  const words = code.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Refusals of an hour or a day, most frequent first. */
export function sortRefusals(
  refusals: Readonly<Record<string, number>>,
): readonly { readonly title: string; readonly code: string; readonly count: number }[] {
  return Object.entries(refusals)
    .map(([code, count]) => ({ code, title: refusalTitle(code), count }))
    .toSorted((one, other) => other.count - one.count)
}

export function sumRefusals(refusals: Readonly<Record<string, number>>): number {
  return Object.values(refusals).reduce((sum, each) => sum + each, 0)
}
