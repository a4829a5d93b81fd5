/** All values of a header in a flat list of names and values, as one; undefined when it is not there. */
export function valueOf(headers: readonly string[], name: string): string | undefined {
  const values = headers.filter((_, index) => index % 2 === 1 && headers[index - 1] === name)
  return values.length === 0 ? undefined : values.join(', ')
}

/** The headers of a flat list that are wanted. */
export function pickHeaders(
  headers: readonly string[],
  isWanted: (name: string, value: string) => boolean,
): string[] {
  const picked: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? ''
    const value = headers[at + 1] ?? ''
    if (isWanted(name, value)) picked.push(name, value)
  }
  return picked
}
