/** All values of a header in a flat list of names and values, as one; undefined when it is not there. */
export function valueOf(headers: readonly string[], name: string): string | undefined {
  const values = headers.filter((_, index) => index % 2 === 1 && headers[index - 1] === name)
  return values.length === 0 ? undefined : values.join(', ')
}

/** The headers of a flat list whose names `isWanted`. */
export function pickHeaders(headers: readonly string[], isWanted: (name: string) => boolean): string[] {
  const picked: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = headers.slice(at, at + 2)
    if (isWanted(name)) picked.push(name, value)
  }
  return picked
}
