const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** True for what can be the name of an owner or a repository. */
export function isName(text: string): boolean {
  return NAME.test(text)
}
