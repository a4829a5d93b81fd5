/** One word of a POSIX shell, whatever is in it: quoted, with nothing that the shell looks into. It can't hold NUL, which is dropped. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll("'", `'\\''`)}'`
}
